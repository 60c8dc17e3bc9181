import 'reflect-metadata'
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { cryptoProvider, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

/** A certificate for `localhost` and the loopback addresses that signs itself: for API servers in tests. */
export async function makeApiCertificate(): Promise<{ cert: string; key: string }> {
  cryptoProvider.set(webcrypto as Crypto)
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'der' })
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' })
  const { subtle } = webcrypto
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '4d2f7c19a6e3b805',
    name: 'CN=localhost',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: SIGNING,
    keys: {
      privateKey: await subtle.importKey('pkcs8', key, SIGNING, true, ['sign']),
      publicKey: await subtle.importKey('spki', spki, SIGNING, true, ['verify']),
    } as CryptoKeyPair,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  })
  return {
    cert: certificate.toString('pem'),
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
