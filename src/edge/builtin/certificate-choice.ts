import type { KeyAlgorithm } from '../../domain/certificate/certificate.ts'
import { type TlsPolicy, tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { ClientHello } from './client-hello-message.ts'

type Offer = Pick<
  ClientHello,
  'legacyVersion' | 'supportedVersions' | 'cipherSuites' | 'groups' | 'signatures' | 'certificateSignatures'
>

/**
 * Of two certificates with OCSP responses the one that this client is served, so that its own response goes along: OpenSSL asks for the response without saying of which
 * certificate. null: the hello leaves a doubt, or nothing depends on it; then OpenSSL chooses, and nothing is stapled.
 */
export function certainKeyOf(
  { certificates, settings }: Pick<EdgeGeneration, 'certificates' | 'settings'>,
  hello: Offer,
): KeyAlgorithm | null {
  if (certificates.length < 2 || certificates.every(({ staple }) => staple === null)) return null
  return keyFor(hello, tlsPolicy(settings))
}

const TLS_1_2 = 0x0303
const TLS_1_3 = 0x0304
/** Of the keys that enrollments get (RFC 8446 section 4.2.7). */
const P_256 = 0x0017
/** RFC 8446 section 4.2.3. */
const ECDSA_P256_SHA256 = 0x0403
const ANY_ECDSA = [ECDSA_P256_SHA256, 0x0503, 0x0603, 0x0203]
const RSA_PSS = [0x0804, 0x0805, 0x0806]
const RSA_PKCS1 = [0x0401, 0x0501, 0x0601]
/** By which authorities sign; a client that takes fewer may refuse either certificate. */
const OF_AUTHORITIES = [ECDSA_P256_SHA256, 0x0503, 0x0401, 0x0501, 0x0601]

const has = (offered: readonly number[], some: readonly number[]): boolean =>
  some.some((one) => offered.includes(one))

/** ECDSA where the client can verify it (docs/tls.md), RSA where it surely cannot. */
function keyFor(hello: Offer, policy: TlsPolicy): KeyAlgorithm | null {
  const { signatures, certificateSignatures } = hello
  if (certificateSignatures !== null && !OF_AUTHORITIES.every((one) => certificateSignatures.includes(one)))
    return null
  if (speaks(hello, TLS_1_3) && policy.maxVersion === 'TLSv1.3') {
    if (signatures.includes(ECDSA_P256_SHA256)) return 'ECDSA'
    return has(signatures, RSA_PSS) ? 'RSA' : null
  }
  return speaks(hello, TLS_1_2) && policy.minVersion === 'TLSv1.2' ? keyForTls12(hello, policy) : null
}

/** RFC 5246 section 7.4.1.4.1; RFC 8422 section 5.1: the curve of the key has to be offered, and the cipher names the kind of key. */
function keyForTls12(
  { signatures, groups, cipherSuites }: Offer,
  { ciphers }: TlsPolicy,
): KeyAlgorithm | null {
  const isShared = (name: string): boolean => cipherSuites.includes(CODE_POINTS[name] ?? -1)
  const canEcdsa = ciphers.some((name) => name.startsWith('ECDHE-ECDSA-') && isShared(name))
  const canRsa = ciphers.some((name) => !name.startsWith('ECDHE-ECDSA-') && isShared(name))
  if (canEcdsa && groups.includes(P_256) && signatures.includes(ECDSA_P256_SHA256)) return 'ECDSA'
  const isWithoutEcdsa = !canEcdsa || (signatures.length > 0 && !has(signatures, ANY_ECDSA))
  return isWithoutEcdsa && canRsa && has(signatures, [...RSA_PSS, ...RSA_PKCS1]) ? 'RSA' : null
}

const speaks = ({ supportedVersions, legacyVersion }: Offer, version: number): boolean =>
  supportedVersions.length === 0 ? legacyVersion === version : supportedVersions.includes(version)

/** Every cipher of TLS 1.2 of any profile, by OpenSSL's name (IANA, TLS Cipher Suites). */
export const CODE_POINTS: Readonly<Record<string, number>> = {
  'ECDHE-ECDSA-AES256-GCM-SHA384': 0xc02c,
  'ECDHE-RSA-AES256-GCM-SHA384': 0xc030,
  'ECDHE-ECDSA-CHACHA20-POLY1305': 0xcca9,
  'ECDHE-RSA-CHACHA20-POLY1305': 0xcca8,
  'ECDHE-ECDSA-AES128-GCM-SHA256': 0xc02b,
  'ECDHE-RSA-AES128-GCM-SHA256': 0xc02f,
  'ECDHE-ECDSA-AES256-SHA384': 0xc024,
  'ECDHE-RSA-AES256-SHA384': 0xc028,
  'ECDHE-ECDSA-AES128-SHA256': 0xc023,
  'ECDHE-RSA-AES128-SHA256': 0xc027,
  'ECDHE-ECDSA-AES256-SHA': 0xc00a,
  'ECDHE-RSA-AES256-SHA': 0xc014,
  'ECDHE-ECDSA-AES128-SHA': 0xc009,
  'ECDHE-RSA-AES128-SHA': 0xc013,
  'AES256-GCM-SHA384': 0x009d,
  'AES128-GCM-SHA256': 0x009c,
  'AES256-SHA': 0x0035,
  'AES128-SHA': 0x002f,
}
