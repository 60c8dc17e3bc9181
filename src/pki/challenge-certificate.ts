import { createHash } from 'node:crypto'
import { DAY, type Instant } from '../domain/time.ts'
import type { Random } from '../ports/random.ts'
import { octetString } from './der.ts'
import { writeDistinguishedName } from './distinguished-name.ts'
import { extension, keyIdentifierOf } from './extensions.ts'
import { issueCertificate } from './issue.ts'
import { generateEcKey } from './key-material.ts'
import { OID } from './object-identifiers.ts'
import { toPem } from './pem.ts'
import { createSigner, openPrivateKey, privateKeyPem } from './private-key.ts'
import { PROFILES } from './profiles.ts'

export interface ChallengeCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

const LIFETIME_MS = 7 * DAY
const SUBJECT = { cn: 'ACME challenge' }

/** RFC 8737 section 3: self-signed, the name alone as its subject alternative name, and the digest of the key authorization in a critical extension. */
export function challengeCertificate(
  {
    name,
    keyAuthorization,
    at,
  }: { readonly name: string; readonly keyAuthorization: string; readonly at: Instant },
  random: Random,
): ChallengeCertificate {
  const key = generateEcKey()
  const issuer = {
    name: writeDistinguishedName(SUBJECT),
    keyIdentifier: keyIdentifierOf(key.publicKey),
    signer: createSigner(key.algorithm, openPrivateKey(key)),
    notAfter: (at + 2 * LIFETIME_MS) as Instant,
  }
  const der = issueCertificate(
    {
      profile: PROFILES.service,
      subject: SUBJECT,
      publicKey: key.publicKey,
      keyAlgorithm: key.algorithm,
      dnsNames: [name],
      extensions: [acmeIdentifier(keyAuthorization)],
      at,
      lifetimeMs: LIFETIME_MS,
    },
    issuer,
    random,
  )
  return { certificatePem: toPem('CERTIFICATE', der), privateKeyPem: privateKeyPem(key) }
}

const acmeIdentifier = (keyAuthorization: string): Buffer =>
  extension(OID.acmeIdentifier, true, octetString(createHash('sha256').update(keyAuthorization).digest()))
