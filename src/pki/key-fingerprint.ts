import { createPublicKey, X509Certificate } from 'node:crypto'
import { certificateBlocks, malformedCertificate } from './certificate-blocks.ts'
import { fingerprintOf } from './public-key.ts'
import { signingRequestPublicKey } from './signing-request-reader.ts'

const LONGEST_PEM = 65_536

/** Where the key stands in what people have of it; DER of the SubjectPublicKeyInfo. */
const READERS: Readonly<Record<string, (pem: string, der: Buffer) => Buffer>> = {
  CERTIFICATE: (_, der) => new X509Certificate(der).publicKey.export({ format: 'der', type: 'spki' }),
  'CERTIFICATE REQUEST': signingRequestPublicKey,
  'NEW CERTIFICATE REQUEST': signingRequestPublicKey,
  'PUBLIC KEY': spki,
  'RSA PUBLIC KEY': spki,
}

function spki(pem: string): Buffer {
  return createPublicKey(pem).export({ format: 'der', type: 'spki' })
}

/** SHA-256 of the one public key in a PEM text, lower-case hex. Private keys are refused, and kept nowhere. Throws `Problem('malformed-certificate')`. */
export function publicKeyFingerprintIn(pem: string): string {
  if (pem.length > LONGEST_PEM) throw malformedCertificate(`PEM text has at most ${LONGEST_PEM} characters.`)
  const [block, ...others] = certificateBlocks(pem, 2)
  if (block === undefined || others.length > 0) throw malformedCertificate(EXPECTED)
  if (block.label.endsWith('PRIVATE KEY'))
    throw malformedCertificate(
      'This is a private key. It was not stored. Send its public key, or a certificate of it.',
    )
  const read = READERS[block.label]
  if (read === undefined) throw malformedCertificate(EXPECTED)
  try {
    return fingerprintOf(read(pem, block.der))
  } catch (cause) {
    throw malformedCertificate('The key cannot be read.', cause)
  }
}

const EXPECTED = 'One PEM block is expected: a certificate, a signing request or a public key.'
