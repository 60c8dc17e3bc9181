/**
 * What the cipher profiles of the CPS API stand for on our edges, in OpenSSL's names and in the order of the server's preference. The names are met
 * in the API and its clients (spec: behaviour G8), their contents are published nowhere: these are our own, and docs/tls.md shows them.
 * No profile brings back what RFC 9325 section 4.2.1 forbids (NULL, anonymous, export, RC4, 3DES).
 */

/** RFC 8446 section 9.1. Every profile has them; a client of TLS 1.3 meets no other. */
export const TLS_1_3_SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
] as const

/** RFC 9325 section 4.2: forward secrecy and authenticated encryption. */
const FORWARD_SECRET_AEAD = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
]
export const FORWARD_SECRET_CBC_SHA2 = [
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
]
export const FORWARD_SECRET_CBC_SHA1 = [
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
]
/** Without forward secrecy: for clients that have nothing else. */
export const RSA_KEY_EXCHANGE = ['AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-SHA', 'AES128-SHA']

const MODERN = FORWARD_SECRET_AEAD
const COMPATIBLE = [...FORWARD_SECRET_AEAD, ...FORWARD_SECRET_CBC_SHA2]
const FORWARD_SECRET = [...COMPATIBLE, ...FORWARD_SECRET_CBC_SHA1]
/** Everything that any profile has. */
export const BROAD = [...FORWARD_SECRET, ...RSA_KEY_EXCHANGE]

export interface CipherProfile {
  readonly suites: readonly string[]
  /** TLS 1.2 and below. */
  readonly ciphers: readonly string[]
}

const profile = (ciphers: readonly string[]): CipherProfile => ({ suites: TLS_1_3_SUITES, ciphers })
const withoutChacha = ({ suites, ciphers }: CipherProfile): CipherProfile => ({
  suites: suites.filter((name) => !name.includes('CHACHA20')),
  ciphers: ciphers.filter((name) => !name.includes('CHACHA20')),
})

export const CIPHER_PROFILES: Readonly<Record<string, CipherProfile>> = {
  'ak-akamai-2020q1': profile(MODERN),
  'ak-akamai-2020q1-without-chacha20poly1305': withoutChacha(profile(MODERN)),
  'ak-akamai-recommended': profile(MODERN),
  'ak-akamai-2018q3': profile(COMPATIBLE),
  'ak-akamai-default': profile(COMPATIBLE),
  'ak-akamai-tls-1.2': profile(COMPATIBLE),
  'ak-pci-dss-3.2': profile(COMPATIBLE),
  'ak-pci-dss-3.1': profile(COMPATIBLE),
  'ak-pci-dss': profile(COMPATIBLE),
  'ak-akamai-pfs': profile(FORWARD_SECRET),
  'ak-akamai-pfs-supported': profile(FORWARD_SECRET),
  'ak-akamai-default-2017q3': profile(BROAD),
  'ak-akamai-default-2016q3': profile(BROAD),
  'ak-akamai-default2016q3': profile(BROAD),
  'ak-akamai-default-2016q1': profile(BROAD),
  'ak-akamai-default-interim': profile(BROAD),
  'ak-soft-errors': profile(BROAD),
  'ak-soft-errors-with-export': profile(BROAD),
}

export const DEFAULT_PROFILE = 'ak-akamai-default'

/** Any name of the form `ak-…` is accepted (spec: behaviour G8); one that stands in no table is served as the default. */
export const cipherProfile = (name: string): CipherProfile =>
  CIPHER_PROFILES[name] ?? (CIPHER_PROFILES[DEFAULT_PROFILE] as CipherProfile)

export const isKnownProfile = (name: string): boolean => Object.hasOwn(CIPHER_PROFILES, name)
