import 'reflect-metadata'
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509'
import type { KeyAlgorithm } from '../../src/domain/certificate/certificate.ts'

/** A private hierarchy for tests of what is served, apart from the product's own: root, one intermediate, leaves. */
export interface TestAuthority {
  readonly rootPem: string
  readonly intermediatePem: string
  readonly intermediateDer: Uint8Array
  issue(names: readonly string[], algorithm?: KeyAlgorithm, options?: IssueOptions): Promise<TestCertificate>
}

export interface IssueOptions {
  /** Object identifiers of an extended key usage; without them there is no such extension. */
  readonly usages?: readonly string[]
  /** Days from now; below zero: expired. */
  readonly endsInDays?: number
}

export interface TestCertificate {
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificatePem: string
  readonly der: Uint8Array
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  /** Lower-case hex, whole octets. */
  readonly serialNumber: string
  /** DER: SEC1 or PKCS#1. */
  readonly privateKey: Uint8Array
}

interface Pair {
  readonly keys: webcrypto.CryptoKeyPair
  readonly privateKey: KeyObject
}

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

export async function makeTestAuthority(): Promise<TestAuthority> {
  cryptoProvider.set(webcrypto as Crypto)
  const rootPair = await pairOf('ECDSA')
  const root = await certify({
    subject: 'CN=Test root',
    issuer: 'CN=Test root',
    pair: rootPair,
    signer: rootPair,
    isAuthority: true,
  })
  const pair = await pairOf('ECDSA')
  const intermediate = await certify({
    subject: 'CN=Test issuing',
    issuer: root.subject,
    pair,
    signer: rootPair,
    isAuthority: true,
  })

  async function issue(
    names: readonly string[],
    algorithm: KeyAlgorithm = 'ECDSA',
    options: IssueOptions = {},
  ): Promise<TestCertificate> {
    const own = await pairOf(algorithm)
    const certificate = await certify({
      subject: '',
      issuer: intermediate.subject,
      pair: own,
      signer: pair,
      isAuthority: false,
      names,
      ...options,
    })
    const der = new Uint8Array(certificate.rawData)
    return {
      keyAlgorithm: algorithm,
      certificatePem: certificate.toString('pem'),
      der,
      fingerprint: createHash('sha256').update(der).digest('hex'),
      serialNumber: certificate.serialNumber.toLowerCase(),
      privateKey: privateKeyDer(own.privateKey, algorithm),
    }
  }

  return {
    rootPem: root.toString('pem'),
    intermediatePem: intermediate.toString('pem'),
    intermediateDer: new Uint8Array(intermediate.rawData),
    issue,
  }
}

interface Certifying extends IssueOptions {
  readonly subject: string
  readonly issuer: string
  readonly pair: Pair
  readonly signer: Pair
  readonly isAuthority: boolean
  readonly names?: readonly string[]
}

async function certify(what: Certifying): Promise<X509Certificate> {
  const now = Date.now()
  return X509CertificateGenerator.create({
    // A first octet of 0x40 to 0x7f keeps the number positive and its length fixed.
    serialNumber: Buffer.concat([
      Buffer.of(0x40 | ((randomBytes(1)[0] as number) % 64)),
      randomBytes(15),
    ]).toString('hex'),
    subject: what.subject,
    issuer: what.issuer,
    // What has ended has begun before.
    notBefore: new Date(now + Math.min(0, what.endsInDays ?? 0) * DAY_MS - DAY_MS),
    notAfter: new Date(now + (what.endsInDays ?? 30) * DAY_MS),
    signingAlgorithm: SIGNING,
    publicKey: what.pair.keys.publicKey as CryptoKey,
    signingKey: what.signer.keys.privateKey as CryptoKey,
    extensions: [
      new BasicConstraintsExtension(what.isAuthority, undefined, true),
      await AuthorityKeyIdentifierExtension.create(what.signer.keys.publicKey as CryptoKey),
      ...(what.usages === undefined ? [] : [new ExtendedKeyUsageExtension([...what.usages])]),
      ...(what.names === undefined
        ? []
        : [
            new SubjectAlternativeNameExtension(what.names.map((value) => ({ type: 'dns' as const, value }))),
          ]),
    ],
  })
}

async function pairOf(algorithm: KeyAlgorithm): Promise<Pair> {
  const { privateKey, publicKey } =
    algorithm === 'ECDSA'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const imported = algorithm === 'ECDSA' ? SIGNING : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const { subtle } = webcrypto
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return {
    privateKey,
    keys: {
      privateKey: await subtle.importKey('pkcs8', pkcs8, imported, true, ['sign']),
      publicKey: await subtle.importKey('spki', spki, imported, true, ['verify']),
    },
  }
}

function privateKeyDer(key: KeyObject, algorithm: KeyAlgorithm): Uint8Array {
  return key.export({ type: algorithm === 'ECDSA' ? 'sec1' : 'pkcs1', format: 'der' })
}
