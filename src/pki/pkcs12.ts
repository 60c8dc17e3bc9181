import { createHash, createHmac, createPrivateKey } from 'node:crypto'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { Random } from '../ports/random.ts'
import { explicit, integer, nothing, objectIdentifier, octetString, sequence, set } from './der.ts'

/** RFC 7292, appendix D; RFC 2985 for the certificate type and the attribute. */
const OID = {
  data: '1.2.840.113549.1.7.1',
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const

const MAC_ROUNDS = 2_048
const MAC_KEY_ID = 3
const SHA256_BLOCK_OCTETS = 64

export interface Pkcs12Content {
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[]
  readonly keyAlgorithm: KeyAlgorithm
  /** DER: SEC1 or PKCS#1. */
  readonly privateKey: Uint8Array
}

/**
 * A PKCS#12 file (RFC 7292): the key encrypted under the password (PBES2 with PBKDF2 and AES-256-CBC, as OpenSSL 3 writes it), the certificates in clear, since
 * they are public, and over all of it an HMAC with SHA-256. The leaf and its key bear the same local key id.
 */
export function writePkcs12(content: Pkcs12Content, password: string, random: Random): Buffer {
  const [leaf = Buffer.of()] = content.certificates
  const keyId = createHash('sha1').update(leaf).digest()
  const certificates = content.certificates.map((der, index) =>
    certificateBag(der, index === 0 ? keyId : null),
  )
  const contents = sequence(
    contentInfo(sequence(...certificates)),
    contentInfo(sequence(keyBag(content, password, keyId))),
  )
  return sequence(integer(3), contentInfo(contents), macOf(contents, password, random))
}

const contentInfo = (content: Uint8Array): Buffer =>
  sequence(objectIdentifier(OID.data), explicit(0, octetString(content)))

function certificateBag(der: Uint8Array, keyId: Uint8Array | null): Buffer {
  const certificate = sequence(objectIdentifier(OID.x509Certificate), explicit(0, octetString(der)))
  return bag(OID.certificateBag, certificate, keyId)
}

function keyBag({ keyAlgorithm, privateKey }: Pkcs12Content, password: string, keyId: Uint8Array): Buffer {
  const type = keyAlgorithm === 'ECDSA' ? 'sec1' : 'pkcs1'
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type })
  const encrypted = key.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: password })
  return bag(OID.keyBag, encrypted, keyId)
}

const bag = (id: string, value: Uint8Array, keyId: Uint8Array | null): Buffer =>
  sequence(
    objectIdentifier(id),
    explicit(0, value),
    ...(keyId === null ? [] : [set(sequence(objectIdentifier(OID.localKeyId), set(octetString(keyId))))]),
  )

function macOf(contents: Uint8Array, password: string, random: Random): Buffer {
  const salt = random.bytes(SHA256_BLOCK_OCTETS / 4)
  const digest = createHmac('sha256', macKey(password, salt)).update(contents).digest()
  const digestInfo = sequence(sequence(objectIdentifier(OID.sha256), nothing()), octetString(digest))
  return sequence(digestInfo, octetString(salt), integer(MAC_ROUNDS))
}

/** RFC 7292 appendix B.2, as far as a key of one hash's length needs it: the password in UTF-16 with two zero octets behind it. */
function macKey(password: string, salt: Uint8Array): Buffer {
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const start = Buffer.concat([Buffer.alloc(SHA256_BLOCK_OCTETS, MAC_KEY_ID), filled(salt), filled(text)])
  let key = createHash('sha256').update(start).digest()
  for (let round = 1; round < MAC_ROUNDS; round++) key = createHash('sha256').update(key).digest()
  return key
}

/** Repeated to the next whole number of blocks. */
const filled = (octets: Uint8Array): Buffer =>
  Buffer.alloc(Math.ceil(octets.length / SHA256_BLOCK_OCTETS) * SHA256_BLOCK_OCTETS, octets)
