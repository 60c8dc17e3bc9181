import type { KeyAlgorithm } from '../certificate/certificate.ts'
import {
  BROAD,
  FORWARD_SECRET_CBC_SHA1,
  FORWARD_SECRET_CBC_SHA2,
  RSA_KEY_EXCHANGE,
  TLS_1_3_SUITES,
} from '../tls-policy/cipher-profiles.ts'
import type { TlsVersion } from '../tls-policy/tls-policy.ts'

/** What a client brings to a handshake, in OpenSSL's names. */
export interface ClientOffer {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** Of both versions, in no order that counts: the server chooses. */
  readonly ciphers: readonly string[]
  /** The only kind of key that it can verify; null: either. */
  readonly keyAlgorithm: KeyAlgorithm | null
  readonly alpn: readonly string[]
  /** False: no SNI. */
  readonly saysName: boolean
}

export interface ClientKind {
  /** As a sentence names it. */
  readonly words: string
  readonly offer: ClientOffer
}

const MODERN: ClientOffer = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [...TLS_1_3_SUITES, ...BROAD],
  keyAlgorithm: null,
  alpn: ['http/1.1'],
  saysName: true,
}

const TLS_1_2: ClientOffer = { ...MODERN, maxVersion: 'TLSv1.2', ciphers: BROAD }

/**
 * As whom staging and production are met. Each differs from the others in one thing that a setting or a certificate may change, so that a difference between
 * two answers tells which. Three of them are for the tail of a cipher profile, which no client that also knows better ciphers ever reaches.
 */
export const CLIENT_KINDS = {
  'tls-1.2-rsa': {
    words: 'a client of TLS 1.2 that knows RSA alone',
    offer: { ...TLS_1_2, keyAlgorithm: 'RSA' },
  },
  'tls-1.2-ecdsa': {
    words: 'a client of TLS 1.2 that knows ECDSA alone',
    offer: { ...TLS_1_2, keyAlgorithm: 'ECDSA' },
  },
  'tls-1.3': { words: 'a client of TLS 1.3', offer: { ...MODERN, minVersion: 'TLSv1.3' } },
  h2: { words: 'a client of HTTP/2', offer: { ...MODERN, alpn: ['h2', 'http/1.1'] } },
  'cbc-sha2': {
    words: 'a client whose best ciphers are CBC with SHA-2',
    offer: { ...TLS_1_2, ciphers: FORWARD_SECRET_CBC_SHA2 },
  },
  'cbc-sha1': {
    words: 'a client whose best ciphers are CBC with SHA-1',
    offer: { ...TLS_1_2, ciphers: FORWARD_SECRET_CBC_SHA1 },
  },
  'rsa-key-exchange': {
    words: 'a client without forward secrecy',
    offer: { ...TLS_1_2, ciphers: RSA_KEY_EXCHANGE },
  },
  'no-name': { words: 'a client that says no name', offer: { ...MODERN, saysName: false } },
} as const satisfies Readonly<Record<string, ClientKind>>

export type ClientKindId = keyof typeof CLIENT_KINDS
export const CLIENT_KIND_IDS = Object.keys(CLIENT_KINDS) as readonly ClientKindId[]

export const clientKind = (id: ClientKindId): ClientKind => CLIENT_KINDS[id]
