import { createPublicKey } from 'node:crypto'
import type { GeneratedKey, SigningRequestSubject } from '../ports/key-material.ts'
import { explicit, integer, objectIdentifier, sequence, set } from './der.ts'
import { commonNameThatFits, writeDistinguishedName } from './distinguished-name.ts'
import { subjectAltName } from './extensions.ts'
import { signed } from './issue.ts'
import { OID } from './object-identifiers.ts'
import { toPem } from './pem.ts'
import { createSigner, openPrivateKey } from './private-key.ts'

/** PKCS#10 (RFC 2986), PEM. A common name beyond 64 characters is left out of the subject; it belongs among `dnsNames` anyway. */
export function writeSigningRequest(
  key: Pick<GeneratedKey, 'algorithm' | 'privateKey'>,
  subject: SigningRequestSubject,
  dnsNames: readonly string[],
): string {
  const privateKey = openPrivateKey(key)
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const name = writeDistinguishedName({ ...subject, cn: commonNameThatFits(subject.cn) })
  const attributes = dnsNames.length > 0 ? [extensionRequest(dnsNames, name)] : []
  const content = sequence(integer(0), name, publicKey, explicit(0, ...attributes))
  return toPem('CERTIFICATE REQUEST', signed(content, createSigner(key.algorithm, privateKey)))
}

/** RFC 2985 section 5.4.2. */
const extensionRequest = (dnsNames: readonly string[], subject: Uint8Array): Buffer =>
  sequence(
    objectIdentifier(OID.extensionRequest),
    set(sequence(subjectAltName(dnsNames, [], subject.length === 2))),
  )
