import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CLIENT_KIND_IDS, type ClientOffer, clientKind } from '../../src/domain/comparison/client-kinds.ts'
import { expectedOf, type Promised } from '../../src/domain/comparison/expectation.ts'
import type { NetworkConfiguration } from '../../src/domain/enrollment/enrollment.ts'
import { tlsPolicy } from '../../src/domain/tls-policy/tls-policy.ts'
import type { Encounter } from '../../src/ports/edge.ts'
import { edgeCertificateOf, generationOf } from '../support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority, type TestCertificate } from '../support/self-signed.ts'
import type { EdgeUnderTest } from './edge-contract.ts'

const NAME = 'kinds.example'
const profile = (name: string) => ({ mustHaveCiphers: name, preferredCiphers: name })

const SETTINGS: readonly (readonly [string, Partial<NetworkConfiguration>])[] = [
  ['every cipher', profile('ak-soft-errors')],
  ['forward secrecy', profile('ak-akamai-pfs')],
  ['modern ciphers', profile('ak-akamai-2020q1')],
  ['TLS 1.2 disallowed', { disallowedTlsVersions: ['TLSv1_2'] }],
  ['TLS 1.3 disallowed', { disallowedTlsVersions: ['TLSv1_3'] }],
  ['FIPS mode', { fipsMode: true }],
]
const KEYS = [['RSA'], ['ECDSA'], ['RSA', 'ECDSA']] as const
const NAMING = CLIENT_KIND_IDS.map(clientKind).filter(({ offer }) => offer.saysName)

const textOf = (met: Encounter): string =>
  typeof met === 'string' ? met : `${met.protocol} ${met.fingerprint}`

/** What the comparison expects of staging is what edges that carry the settings out do, client by client. */
export function describeSettingsContract(adapter: string, start: () => Promise<EdgeUnderTest>): void {
  describe(`kinds of client at an edge: ${adapter}`, () => {
    const { signal } = new AbortController()
    let authority: TestAuthority
    let subject: EdgeUnderTest

    beforeAll(async () => {
      authority = await makeTestAuthority()
    })
    beforeEach(async () => {
      subject = await start()
    })
    afterEach(() => subject.close())

    const meet = async (offer: ClientOffer, name: string) =>
      (await subject.edge.meet([offer], [name], signal))[0] ?? []

    async function deployed(
      keys: readonly ('RSA' | 'ECDSA')[],
      settings: Partial<NetworkConfiguration>,
    ): Promise<Promised> {
      const issued: TestCertificate[] = []
      for (const key of keys) issued.push(await authority.issue([NAME], key))
      const certificates = issued.map((each) => edgeCertificateOf(each, authority.intermediatePem))
      const generation = generationOf([NAME], certificates, { settings })
      await subject.edge.deploy(generation, signal)
      return {
        policy: tlsPolicy(generation.settings),
        sniOnly: true,
        certificates: issued.map(({ keyAlgorithm, fingerprint }) => ({ keyAlgorithm, sent: [fingerprint] })),
      }
    }

    it.each(SETTINGS)('are met as is promised: %s', async (_what, settings) => {
      for (const keys of KEYS) {
        const promised = await deployed(keys, settings)
        for (const { words, offer } of NAMING) {
          const expected = expectedOf(offer, promised)
          const wanted = expected?.certificates.map(({ sent }) => `${expected.protocol} ${sent.join()}`)
          const seen = (await meet(offer, NAME)).map(textOf)
          expect(new Set(seen).size, words).toBe(1)
          expect(wanted ?? ['refused'], `${words}, ${keys.join()}`).toContain(seen[0])
        }
      }
    })

    it('are refused, every one, for a name that was never deployed', async () => {
      await deployed(['ECDSA'], {})
      for (const { offer } of NAMING)
        expect(new Set(await meet(offer, 'nobody.example'))).toEqual(new Set(['refused']))
    })

    it('are not met on an aborted signal', async () => {
      const reason = new Error('stopped')
      const met = subject.edge.meet([clientKind('h2').offer], [NAME], AbortSignal.abort(reason))
      await expect(met).rejects.toBe(reason)
    })
  })
}
