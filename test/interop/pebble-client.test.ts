import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  deactivateAccount,
  findAccount,
  registerAccount,
  updateContacts,
} from '../../src/authority/acme/account.ts'
import { deactivateAuthorization, getAuthorization } from '../../src/authority/acme/authorization.ts'
import { downloadCertificate } from '../../src/authority/acme/certificate.ts'
import { createJwsKey } from '../../src/authority/acme/jws.ts'
import { rollOver } from '../../src/authority/acme/key-rollover.ts'
import { listOrderUrls, newOrder } from '../../src/authority/acme/order.ts'
import { AcmeRefusal } from '../../src/authority/acme/problem.ts'
import { certificateIdentifier, getRenewalInformation } from '../../src/authority/acme/renewal-information.ts'
import { revokeCertificate } from '../../src/authority/acme/revocation.ts'
import type { AcmeSession } from '../../src/authority/acme/session.ts'
import { instant } from '../../src/domain/time.ts'
import { generateRsaKey } from '../../src/pki/key-material.ts'
import { openPrivateKey } from '../../src/pki/private-key.ts'
import {
  createTestAcmeClient,
  finish,
  newAccountKey,
  openSession,
  PLAIN_WISH,
  prove,
  signingRequestFor,
  type TestAcmeClient,
} from '../support/acme-client.ts'
import { type ChallengeAnswers, startChallengeAnswers } from '../support/challenge-answers.ts'
import { hasPebble, type Pebble, startPebble } from '../support/pebble.ts'

const signal = new AbortController().signal
const clock = { now: () => instant(Date.now()) }
const KID = 'kid-1'
const HMAC = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'
const wishFor = (names: readonly string[]) => ({ identifiers: names, profile: null, replaces: null })

describe.skipIf(!hasPebble)(
  'our ACME client against Pebble (skipped when the program pebble is missing)',
  () => {
    let answers: ChallengeAnswers
    let pebble: Pebble
    let client: TestAcmeClient

    beforeAll(async () => {
      answers = await startChallengeAnswers()
      pebble = await startPebble({ ...answers, nonceReject: 50, authorizationReuse: 0, alternateRoots: 1 })
      client = createTestAcmeClient(pebble)
    })
    afterAll(async () => {
      client?.close()
      await pebble?.close()
      await answers?.close()
    })

    async function issue(session: AcmeSession, names: readonly string[], type: 'http-01' | 'dns-01') {
      const order = await newOrder(session, wishFor(names), signal)
      const proven = await prove(session, order, answers, type)
      const request = await signingRequestFor(names)
      const done = await finish(session, order, request.der)
      return { order, proven, request, done }
    }

    it('makes an account once, finds it by its key, and makes none when only asked to look (RFC 8555 section 7.3.1)', async () => {
      const key = newAccountKey()
      expect(await findAccount(client.server, key, signal)).toBeNull()
      const made = await registerAccount(
        client.server,
        key,
        { ...PLAIN_WISH, contacts: ['mailto:a@example.com'] },
        signal,
      )
      const again = await registerAccount(client.server, key, PLAIN_WISH, signal)
      const found = await findAccount(client.server, key, signal)
      expect([again.url, found?.url]).toEqual([made.url, made.url])
      expect(made).toMatchObject({ status: 'valid', contacts: ['mailto:a@example.com'] })
    })

    it('takes an RSA key for an account, replaces contacts, and ends an account for good (sections 7.3.2 and 7.3.6)', async () => {
      const session = await openSession(client.server, createJwsKey(openPrivateKey(await generateRsaKey())))
      const changed = await updateContacts(session, ['mailto:b@example.com'], signal)
      expect(changed.contacts).toEqual(['mailto:b@example.com'])
      expect((await deactivateAccount(session, signal)).status).toBe('deactivated')
      await expect(newOrder(session, wishFor(['a.example']), signal)).rejects.toThrow(AcmeRefusal)
    })

    it.each(['http-01', 'dns-01'] as const)('proves names by %s and gets what it asked for', async (type) => {
      const session = await openSession(client.server)
      const { done, request } = await issue(session, ['one.example', 'two.example'], type)
      expect(done.status).toBe('valid')
      const chain = await downloadCertificate(session, done.certificateUrl ?? '', {
        preferredChain: null,
        signal,
      })
      const leaf = new X509Certificate(chain.certificatePem)
      expect(leaf.subjectAltName).toBe('DNS:one.example, DNS:two.example')
      expect(leaf.checkPrivateKey(openPrivateKey(request.key))).toBe(true)
      const issuer = new X509Certificate(chain.chainPem)
      expect(leaf.verify(issuer.publicKey)).toBe(true)
      expect(issuer.verify(new X509Certificate(await pebble.rootPem()).publicKey)).toBe(true)
    })

    it('proves apex and wildcard together: two values at one name (RFC 8555 section 8.4)', async () => {
      const session = await openSession(client.server)
      const { done, proven } = await issue(session, ['apex.example', '*.apex.example'], 'dns-01')
      expect(done.status).toBe('valid')
      expect(proven.map(({ identifier }) => identifier).toSorted()).toEqual([
        '*.apex.example',
        'apex.example',
      ])
    })

    it('says which name failed and why, and loses only that authorization', async () => {
      const session = await openSession(client.server)
      const order = await newOrder(session, wishFor(['good.example', 'bad.example']), signal)
      const silent = {
        ...answers,
        publish: (...[name, token, text]: Parameters<typeof answers.publish>) => {
          if (name !== 'bad.example') answers.publish(name, token, text)
        },
      }
      const proven = await prove(session, order, silent, 'http-01')
      const bad = proven.find(({ identifier }) => identifier === 'bad.example')
      expect(proven.find(({ identifier }) => identifier === 'good.example')?.status).toBe('valid')
      expect(bad?.status).toBe('invalid')
      expect(bad?.challenges.find(({ status }) => status === 'invalid')?.error?.type).toBe('unauthorized')
    })

    it('gives an authorization back (section 7.5.2)', async () => {
      const session = await openSession(client.server)
      const order = await newOrder(session, wishFor(['back.example']), signal)
      const [url = ''] = order.authorizationUrls
      expect((await deactivateAuthorization(session, url, signal)).status).toBe('deactivated')
      expect((await getAuthorization(session, url, signal)).authorization.status).toBe('deactivated')
    })

    it('finds its orders again by the list of the account (section 7.1.2.1)', async () => {
      const session = await openSession(client.server)
      const urls: string[] = []
      for (const name of ['l1.example', 'l2.example', 'l3.example', 'l4.example']) {
        urls.push((await newOrder(session, wishFor([name]), signal)).url)
      }
      const account = await findAccount(client.server, session.signer.key, signal)
      const listed = await listOrderUrls(session, account?.ordersUrl ?? '', { signal, mostPages: 5 })
      expect(listed.toSorted()).toEqual(urls.toSorted())
    })

    it('takes the alternate chain that is preferred, and the first one when none fits (section 7.4.2)', async () => {
      const session = await openSession(client.server)
      const { done } = await issue(session, ['chain.example'], 'http-01')
      const rootName = async (index: number) => new X509Certificate(await pebble.rootPem(index)).subject
      const download = async (preferredChain: string | null) => {
        const { chainPem } = await downloadCertificate(session, done.certificateUrl ?? '', {
          preferredChain,
          signal,
        })
        return new X509Certificate(chainPem).issuer
      }
      const other = await rootName(1)
      expect(await download(null)).toBe(await rootName(0))
      expect(await download(other.replace('CN=', '').toLowerCase().replaceAll(' ', '-'))).toBe(other)
      expect(await download('no such root')).toBe(await rootName(0))
    })

    it('changes the key of an account; the old one is nobody afterwards (section 7.3.5)', async () => {
      const session = await openSession(client.server)
      const order = await newOrder(session, wishFor(['roll.example']), signal)
      const rolled = await rollOver(session, newAccountKey(), signal)
      const proven = await prove(rolled, order, answers, 'http-01')
      expect(proven[0]?.status).toBe('valid')
      await expect(newOrder(session, wishFor(['roll.example']), signal)).rejects.toThrow(AcmeRefusal)
      expect(await findAccount(client.server, session.signer.key, signal)).toBeNull()
    })

    it('revokes by the account and by the certificate’s own key, and twice is as good as once (section 7.6)', async () => {
      const session = await openSession(client.server)
      const stranger = await openSession(client.server)
      const first = await issue(session, ['gone.example'], 'http-01')
      const second = await issue(session, ['lost.example'], 'http-01')
      const derOf = async ({ done }: typeof first) => {
        const { certificatePem } = await downloadCertificate(session, done.certificateUrl ?? '', {
          preferredChain: null,
          signal,
        })
        return new X509Certificate(certificatePem).raw
      }
      const [one, two] = [await derOf(first), await derOf(second)]
      const byAccount = { certificateDer: one, reason: 'superseded' as const }
      await expect(revokeCertificate(client.server, stranger.signer, byAccount, signal)).rejects.toThrow(
        AcmeRefusal,
      )
      await revokeCertificate(client.server, session.signer, byAccount, signal)
      await revokeCertificate(client.server, session.signer, byAccount, signal)
      const own = { key: createJwsKey(openPrivateKey(second.request.key)), accountUrl: null }
      await revokeCertificate(client.server, own, { certificateDer: two, reason: 'key-compromise' }, signal)
    })

    it('retried nonces that were refused, each time with another one (section 6.5)', () => {
      const count = (line: RegExp): number => pebble.log().match(line)?.length ?? 0
      expect(count(/POST \/order-plz/g)).toBeGreaterThan(count(/Added order/g))
    })

    it('reads the window of renewal information, and names the predecessor (RFC 9773; needs a Pebble that has it)', async (test) => {
      const directory = await client.server.directory(signal)
      if (directory.renewalInfo === null) return test.skip('this Pebble has no renewal information')
      const session = await openSession(client.server)
      const { done } = await issue(session, ['ari.example'], 'http-01')
      const { certificatePem } = await downloadCertificate(session, done.certificateUrl ?? '', {
        preferredChain: null,
        signal,
      })
      const information = await getRenewalInformation(client.server, certificatePem, clock, signal)
      expect(information?.start).toBeLessThan(information?.end ?? 0)
      const replaces = certificateIdentifier(new X509Certificate(certificatePem).raw)
      const wish = { ...wishFor(['ari.example']), replaces }
      const order = await newOrder(session, wish, signal)
      await prove(session, order, answers, 'http-01')
      expect((await finish(session, order, (await signingRequestFor(['ari.example'])).der)).status).toBe(
        'valid',
      )
      await expect(newOrder(session, wish, signal)).rejects.toMatchObject({
        problem: { type: 'alreadyReplaced' },
      })
    })

    it('orders by a profile that the server offers (needs a Pebble that has profiles)', async (test) => {
      const directory = await client.server.directory(signal)
      if (!directory.profiles.has('shortlived')) return test.skip('this Pebble has no profiles')
      const session = await openSession(client.server)
      const wish = { ...wishFor(['profile.example']), profile: 'shortlived' }
      expect((await newOrder(session, wish, signal)).profile).toBe('shortlived')
    })

    it('has no renewal information for a certificate of a server that offers none', async () => {
      const session = await openSession(client.server)
      const { done } = await issue(session, ['none.example'], 'http-01')
      const { certificatePem } = await downloadCertificate(session, done.certificateUrl ?? '', {
        preferredChain: null,
        signal,
      })
      const silent = {
        ...client.server,
        directory: async () => ({ ...(await client.server.directory(signal)), renewalInfo: null }),
      }
      expect(await getRenewalInformation(silent, certificatePem, clock, signal)).toBeNull()
    })
  },
)

describe.skipIf(!hasPebble)('external account binding (skipped when the program pebble is missing)', () => {
  it('is sent where there is one; without it the CA makes no account (RFC 8555 section 7.3.4)', async () => {
    const answers = await startChallengeAnswers()
    const pebble = await startPebble({ ...answers, externalAccounts: { [KID]: HMAC } })
    const client = createTestAcmeClient(pebble)
    try {
      expect((await client.server.directory(signal)).externalAccountRequired).toBe(true)
      const plain = registerAccount(client.server, newAccountKey(), PLAIN_WISH, signal)
      await expect(plain).rejects.toMatchObject({ problem: { type: 'externalAccountRequired' } })
      const wrong = { ...PLAIN_WISH, externalAccount: { kid: KID, hmacKey: 'AAAA' } }
      await expect(registerAccount(client.server, newAccountKey(), wrong, signal)).rejects.toThrow(
        AcmeRefusal,
      )
      const right = { ...PLAIN_WISH, externalAccount: { kid: KID, hmacKey: HMAC } }
      expect((await registerAccount(client.server, newAccountKey(), right, signal)).status).toBe('valid')
    } finally {
      client.close()
      await pebble.close()
      await answers.close()
    }
  })
})
