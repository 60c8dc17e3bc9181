import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Agent } from 'node:https'
import 'reflect-metadata'
import { axios, Client, crypto } from 'acme-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAccount, updateContacts } from '../../src/authority/acme/account.ts'
import { getAuthorization } from '../../src/authority/acme/authorization.ts'
import { downloadCertificate } from '../../src/authority/acme/certificate.ts'
import { keyAuthorization } from '../../src/authority/acme/challenge.ts'
import { createJwsKey, type JwsKey } from '../../src/authority/acme/jws.ts'
import { rollOver } from '../../src/authority/acme/key-rollover.ts'
import { finalizeOrder, getOrder, listOrderUrls, newOrder } from '../../src/authority/acme/order.ts'
import { revokeCertificate } from '../../src/authority/acme/revocation.ts'
import { dnsChallengeValue } from '../../src/validation/dns-look.ts'
import {
  createTestAcmeClient,
  finish,
  openSession,
  prove,
  signingRequestFor,
  type TestAcmeClient,
} from '../support/acme-client.ts'
import { type ChallengeAnswers, startChallengeAnswers } from '../support/challenge-answers.ts'
import { hasPebble, type Pebble, startPebble } from '../support/pebble.ts'

const signal = new AbortController().signal
const firstChain = { preferredChain: null, signal }
const wishFor = (identifiers: readonly string[]) => ({ identifiers, profile: null, replaces: null })
const dns = (names: readonly string[]) => names.map((value) => ({ type: 'dns', value }))
const printOf = (pem: string): string => new X509Certificate(pem).fingerprint256

/** Two clients that share an account key at one server: what either does, the other has to find. */
describe.skipIf(!hasPebble)(
  'npm’s acme-client and ours, with one account (skipped when the program pebble is missing)',
  () => {
    let answers: ChallengeAnswers
    let pebble: Pebble
    let ours: TestAcmeClient
    let agent: Agent
    let pem: string
    let key: JwsKey
    let theirs: Client

    beforeAll(async () => {
      answers = await startChallengeAnswers()
      pebble = await startPebble({ ...answers, nonceReject: 5, authorizationReuse: 0, alternateRoots: 1 })
      ours = createTestAcmeClient(pebble)
      agent = new Agent({ ca: pebble.caPem, keepAlive: true })
      axios.defaults.httpsAgent = agent
      pem = String(await crypto.createPrivateEcdsaKey())
      key = createJwsKey(createPrivateKey(pem))
      theirs = clientFor(pem)
      await theirs.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:theirs@example.com'] })
    })
    afterAll(async () => {
      agent?.destroy()
      ours?.close()
      await pebble?.close()
      await answers?.close()
    })

    const clientFor = (accountKey: string): Client =>
      new Client({ directoryUrl: pebble.directoryUrl, accountKey, backoffMin: 50, backoffMax: 200 })
    const session = () => openSession(ours.server, key)

    it('see one account, and each the contacts that the other left', async () => {
      expect(await findAccount(ours.server, key, signal)).toMatchObject({
        url: theirs.getAccountUrl(),
        contacts: ['mailto:theirs@example.com'],
      })
      await updateContacts(await session(), ['mailto:ours@example.com'], signal)
      expect(await theirs.updateAccount()).toMatchObject({ contact: ['mailto:ours@example.com'] })
    })

    it('an account of ours is found by theirs, which makes none', async () => {
      const own = String(await crypto.createPrivateEcdsaKey())
      const { account } = await openSession(ours.server, createJwsKey(createPrivateKey(own)))
      const other = clientFor(own)
      await other.createAccount({ onlyReturnExisting: true })
      expect(other.getAccountUrl()).toBe(account.url)
    })

    it('read the same order, tokens and key authorizations; theirs offers, ours finalizes, both download one certificate', async () => {
      const names = ['apex.example', '*.apex.example', 'www.apex.example']
      const order = await newOrder(await session(), wishFor(names), signal)
      const seen = await theirs.getOrder({ url: order.url } as Parameters<Client['getOrder']>[0])
      expect(seen.identifiers.map(({ value }) => value).toSorted()).toEqual(names.toSorted())
      expect(seen.finalize).toBe(order.finalizeUrl)
      // Pebble lists them in another order at each look.
      expect(seen.authorizations.toSorted()).toEqual(order.authorizationUrls.toSorted())
      for (const authorization of await theirs.getAuthorizations(seen)) {
        const { authorization: known } = await getAuthorization(await session(), authorization.url, signal)
        expect(known.challenges.map(({ token }) => token).toSorted()).toEqual(
          authorization.challenges.map(({ token }) => token).toSorted(),
        )
        for (const offered of authorization.challenges) {
          const expected = keyAuthorization(offered.token, key.thumbprint)
          expect(await theirs.getChallengeKeyAuthorization(offered)).toBe(
            offered.type === 'dns-01' ? dnsChallengeValue(expected) : expected,
          )
        }
        // In no order of its own; nothing here answers tls-alpn-01.
        const challenge = authorization.challenges.find(({ type }) => ['http-01', 'dns-01'].includes(type))
        if (challenge === undefined) throw new Error('no challenge')
        const whole = keyAuthorization(challenge.token, key.thumbprint)
        answers.publish(known.identifier, challenge.token, whole)
        await theirs.completeChallenge(challenge)
        await theirs.waitForValidStatus(challenge)
      }
      const request = await signingRequestFor(names)
      const done = await finish(await session(), order, request.der)
      const { certificatePem, chainPem } = await downloadCertificate(
        await session(),
        done.certificateUrl ?? '',
        firstChain,
      )
      const fetched = await theirs.getCertificate(await theirs.getOrder(seen))
      expect(crypto.splitPemChain(fetched).map(printOf)).toEqual([certificatePem, chainPem].map(printOf))
      expect(crypto.readCertificateInfo(certificatePem).domains.altNames.toSorted()).toEqual(names.toSorted())
    })

    it('an order of theirs is found in the account’s list, proven by ours and finalized by theirs with our signing request', async () => {
      const names = ['list.example']
      const placed = await theirs.createOrder({ identifiers: dns(names) })
      const account = await findAccount(ours.server, key, signal)
      const listed = await listOrderUrls(await session(), account?.ordersUrl ?? '', { signal, mostPages: 5 })
      expect(listed).toContain(placed.url)
      const { order } = await getOrder(await session(), placed.url, signal)
      await prove(await session(), order, answers, 'http-01')
      const done = await theirs.finalizeOrder(placed, (await signingRequestFor(names)).pem)
      const wanted = new X509Certificate(await pebble.rootPem(1)).subject.replace('CN=', '')
      const fetched = crypto.splitPemChain(await theirs.getCertificate(done, wanted))
      const known = await getOrder(await session(), placed.url, signal)
      const downloaded = await downloadCertificate(await session(), known.order.certificateUrl ?? '', {
        preferredChain: wanted,
        signal,
      })
      expect(fetched.map(printOf)).toEqual([downloaded.certificatePem, downloaded.chainPem].map(printOf))
    })

    it('a certificate of ours is revoked by theirs, which ours takes for done', async () => {
      const order = await newOrder(await session(), wishFor(['revoked.example']), signal)
      await prove(await session(), order, answers, 'dns-01')
      const done = await finish(await session(), order, (await signingRequestFor(['revoked.example'])).der)
      const { certificatePem } = await downloadCertificate(
        await session(),
        done.certificateUrl ?? '',
        firstChain,
      )
      await theirs.revokeCertificate(certificatePem, { reason: 4 })
      expect(await pebble.statusOf(new X509Certificate(certificatePem).serialNumber)).toEqual({
        status: 'Revoked',
        reason: 4,
      })
      const certificateDer = new X509Certificate(certificatePem).raw
      const { signer } = await session()
      await revokeCertificate(ours.server, signer, { certificateDer, reason: 'superseded' }, signal)
    })

    it('the account’s key is changed by ours, and theirs finds the account by the new one', async () => {
      const order = await newOrder(await session(), wishFor(['rolled.example']), signal)
      const next = String(await crypto.createPrivateEcdsaKey())
      const rolled = await rollOver(await session(), createJwsKey(createPrivateKey(next)), signal)
      const other = clientFor(next)
      await other.createAccount({ onlyReturnExisting: true })
      expect(other.getAccountUrl()).toBe(rolled.signer.accountUrl)
      await expect(theirs.updateAccount()).rejects.toThrow()
      await prove(rolled, order, answers, 'http-01')
      const { der } = await signingRequestFor(['rolled.example'])
      await finalizeOrder(rolled, order, der, signal)
      const placed = await other.getOrder({ url: order.url } as Parameters<Client['getOrder']>[0])
      expect(await other.waitForValidStatus(placed)).toMatchObject({ status: 'valid' })
    })
  },
)
