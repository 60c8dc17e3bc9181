import { once } from 'node:events'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import { allNamesOf, edgeCertificateOf, generationOf } from '../../../test/support/edge-generation.ts'
import { makeTestAuthority } from '../../../test/support/self-signed.ts'
import type { KeyAlgorithm } from '../../domain/certificate/certificate.ts'
import { certificateId } from '../../domain/identifiers.ts'
import { CLIENT_SIGNATURES } from '../../domain/tls-policy/client-signatures.ts'
import { BROAD, FORWARD_SECRET_CBC_SHA1, RSA_KEY_EXCHANGE } from '../../domain/tls-policy/cipher-profiles.ts'
import type { EdgeCertificate } from '../../ports/edge.ts'
import { certainKeyOf, CODE_POINTS } from './certificate-choice.ts'

const NAME = 'dual.example'
/** Every cipher of every profile is offered. */
const SETTINGS = { mustHaveCiphers: 'ak-soft-errors', preferredCiphers: 'ak-soft-errors' }
const { ECDSA, RSA } = CLIENT_SIGNATURES
const BOTH = `${ECDSA}:${RSA}`
const TLS_1_2 = { maxVersion: 'TLSv1.2' } as const
const TLS_1_3 = { minVersion: 'TLSv1.3' } as const

it('knows every cipher of every profile', () => {
  expect(Object.keys(CODE_POINTS).toSorted()).toEqual([...BROAD].toSorted())
})

describe('of two certificates with OCSP responses', () => {
  let pair: readonly EdgeCertificate[]
  /** One edge staples, the other has the same certificates and staples nothing: there OpenSSL chooses. */
  let stapling: EdgeFixture
  let plain: EdgeFixture

  beforeAll(async () => {
    const authority = await makeTestAuthority()
    const issued = [await authority.issue([NAME], 'ECDSA'), await authority.issue([NAME], 'RSA')]
    pair = issued.map((each) => edgeCertificateOf(each, authority.intermediatePem))
    const stapled = pair.map((each) => ({ ...each, staple: certificateId(each.keyAlgorithm) }))
    stapling = await startEdge({ stapleFor: async (id) => Buffer.from(`response of ${id}`) })
    plain = await startEdge()
    for (const [{ network }, certificates] of [
      [stapling, stapled],
      [plain, pair],
    ] as const) {
      const generation = generationOf([NAME], certificates, { settings: SETTINGS })
      network.put(generation)
      network.assign(allNamesOf(generation))
    }
  })
  afterAll(async () => {
    await Promise.all([stapling, plain].map(({ network }) => network.close()))
  })

  interface Seen {
    readonly key: KeyAlgorithm
    readonly response: string | null
  }

  async function meet({ address }: EdgeFixture, options: ConnectionOptions): Promise<Seen | 'refused'> {
    // `requestOCSP` is missing in Node's types for clients.
    const asksForResponse: ConnectionOptions & { readonly requestOCSP: true } = {
      ...options,
      requestOCSP: true,
    }
    const tls: TLSSocket = connect({
      ...address,
      servername: NAME,
      rejectUnauthorized: false,
      ...asksForResponse,
    })
    let response: string | null = null
    tls.on('OCSPResponse', (octets: Buffer | null) => (response = octets?.toString() ?? null))
    try {
      await once(tls, 'secureConnect')
      const { asn1Curve } = tls.getPeerCertificate() as { asn1Curve?: string }
      return { key: asn1Curve === undefined ? 'RSA' : 'ECDSA', response }
    } catch {
      return 'refused'
    } finally {
      tls.destroy()
    }
  }

  const CLIENTS: readonly (readonly [string, KeyAlgorithm, ConnectionOptions])[] = [
    ['everything', 'ECDSA', {}],
    ['TLS 1.3 alone', 'ECDSA', TLS_1_3],
    ['TLS 1.3 and RSA alone', 'RSA', { ...TLS_1_3, sigalgs: RSA }],
    ['TLS 1.3 and ECDSA alone', 'ECDSA', { ...TLS_1_3, sigalgs: ECDSA }],
    ['TLS 1.2 alone', 'ECDSA', TLS_1_2],
    ['TLS 1.2 and RSA alone', 'RSA', { ...TLS_1_2, sigalgs: RSA }],
    ['TLS 1.2 and ECDSA alone', 'ECDSA', { ...TLS_1_2, sigalgs: ECDSA }],
    ['TLS 1.2 and ciphers for RSA alone', 'RSA', { ...TLS_1_2, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
    [
      'TLS 1.2 and ciphers for ECDSA alone',
      'ECDSA',
      { ...TLS_1_2, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    ],
    ['TLS 1.2 without forward secrecy', 'RSA', { ...TLS_1_2, ciphers: RSA_KEY_EXCHANGE.join(':') }],
    ['TLS 1.2 with CBC and SHA-1', 'ECDSA', { ...TLS_1_2, ciphers: FORWARD_SECRET_CBC_SHA1.join(':') }],
  ]
  it.each(CLIENTS)('a client of %s gets %s with its own response', async (_what, key, options) => {
    expect(await meet(stapling, options)).toEqual({ key, response: `response of ${key}` })
    expect(await meet(plain, options)).toEqual({ key, response: null })
  })

  it('each client is answered by whom OpenSSL would have answered it with both, whatever it offers', async () => {
    const offers = [
      undefined,
      ECDSA,
      RSA,
      BOTH,
      'RSA+SHA256',
      'ECDSA+SHA384:RSA-PSS+SHA256',
      'ECDSA+SHA512',
    ].flatMap((sigalgs) =>
      ['X25519', 'P-384:X25519', 'P-256'].flatMap((ecdhCurve) =>
        [TLS_1_2, TLS_1_3, {}].flatMap((versions) =>
          [undefined, 'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256'].map(
            (ciphers) => ({
              ecdhCurve,
              ...versions,
              ...(sigalgs && { sigalgs }),
              ...(ciphers && { ciphers }),
            }),
          ),
        ),
      ),
    )
    const keyOf = (seen: Seen | 'refused') => (seen === 'refused' ? seen : seen.key)
    let stapled = 0
    for (const offer of offers) {
      const [one, other] = [await meet(stapling, offer), await meet(plain, offer)]
      const words = JSON.stringify(offer)
      if (one !== 'refused' && one.response !== null) {
        stapled += 1
        expect(one.response, words).toBe(`response of ${one.key}`)
      }
      // ECDSA is preferred, as the page says; nobody loses anything by it.
      const isMoved = keyOf(one) === 'ECDSA' && keyOf(other) === 'RSA' && one !== 'refused'
      if (!isMoved) expect(keyOf(one), words).toBe(keyOf(other))
    }
    expect(stapled).toBeGreaterThan(offers.length / 3)
  })

  it('nothing of either is kept once they are dropped', async () => {
    const { network } = stapling
    const served = network.servingOf(NAME)
    if (served === null) throw new Error('nothing is served')
    expect(network.status().contexts).toBeGreaterThan(1)
    network.assign(new Map([[NAME, null]]))
    network.drop(served.id)
    expect(network.status().contexts).toBe(0)
    network.put(served)
    network.assign(allNamesOf(served))
  })

  it('one is chosen only where both have something to send, and where the hello leaves no doubt', () => {
    const hello = {
      legacyVersion: 0x0303,
      supportedVersions: [0x0304],
      cipherSuites: [0x1301],
      groups: [0x001d],
      signatures: [0x0403, 0x0804],
      certificateSignatures: null,
    }
    const generation = generationOf([NAME], pair, { settings: SETTINGS })
    const staple = certificateId('1')
    const stapled = { ...generation, certificates: pair.map((each) => ({ ...each, staple })) }
    expect(certainKeyOf(stapled, hello)).toBe('ECDSA')
    expect(certainKeyOf(generation, hello)).toBe(null)
    expect(certainKeyOf({ ...stapled, certificates: stapled.certificates.slice(1) }, hello)).toBe(null)
    for (const doubt of [
      { signatures: [] },
      { signatures: [0x0603] },
      { certificateSignatures: [0x0403] },
      { supportedVersions: [0x0303] },
    ])
      expect(certainKeyOf(stapled, { ...hello, ...doubt })).toBe(null)
    const certificateSignatures = [0x0403, 0x0503, 0x0603, 0x0401, 0x0501, 0x0601]
    expect(certainKeyOf(stapled, { ...hello, certificateSignatures })).toBe('ECDSA')
  })
})
