import { createPrivateKey } from 'node:crypto'
import { systemRandom } from '../../dist/observe/system-random.js'
import { keyIdentifierOf } from '../../dist/pki/extensions.js'
import { issueCertificate, issueRoot } from '../../dist/pki/issue.js'
import { generateEcKey } from '../../dist/pki/key-material.js'
import { toPem } from '../../dist/pki/pem.js'
import { createSigner, privateKeyPem } from '../../dist/pki/private-key.js'
import { PROFILES } from '../../dist/pki/profiles.js'
import { writeDistinguishedName } from '../../dist/pki/distinguished-name.js'

const DAY_MS = 86_400_000

export const nameOf = (index) => `n${index}.edge.bench.example`

/** An authority and, one after the other, leaves of it with keys of their own (P-256): `{ name, certificatePem, privateKeyPem, privateKey }`. */
export function makeManyCertificates(count) {
  const random = systemRandom()
  const at = Date.now()
  const key = generateEcKey()
  const subject = { cn: 'Bench edge authority' }
  const common = { keyAlgorithm: 'ECDSA', at, lifetimeMs: 365 * DAY_MS }
  const signer = createSigner('ECDSA', createPrivateKey(privateKeyPem(key)))
  const root = issueRoot(
    { ...common, profile: PROFILES['service-root'], subject, publicKey: key.publicKey },
    signer,
    random,
  )
  const issuer = {
    name: writeDistinguishedName(subject),
    keyIdentifier: keyIdentifierOf(key.publicKey),
    signer,
    notAfter: at + 300 * DAY_MS,
  }
  const leaf = (index) => {
    const own = generateEcKey()
    const name = nameOf(index)
    const der = issueCertificate(
      {
        ...common,
        profile: PROFILES.service,
        lifetimeMs: 90 * DAY_MS,
        subject: { cn: name },
        publicKey: own.publicKey,
        dnsNames: [name],
      },
      issuer,
      random,
    )
    return {
      name,
      certificatePem: toPem('CERTIFICATE', der),
      privateKey: own.privateKey,
      privateKeyPem: privateKeyPem(own),
    }
  }
  return {
    rootPem: toPem('CERTIFICATE', root),
    leaves: Array.from({ length: count }, (_, index) => leaf(index)),
  }
}
