import { createPrivateKey } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAccount, registerAccount } from '../../src/authority/acme/account.ts'
import type { AuthorityAccount } from '../../src/authority/acme/account-choice.ts'
import { rollOverAccountKey } from '../../src/authority/acme/account-rollover.ts'
import { createDesk } from '../../src/authority/acme/desk.ts'
import { createJwsKey } from '../../src/authority/acme/jws.ts'
import { newOrder } from '../../src/authority/acme/order.ts'
import { createAcmeSend, type AcmeSend } from '../../src/authority/acme/send.ts'
import { createAcmeServer } from '../../src/authority/acme/server.ts'
import { instant } from '../../src/domain/time.ts'
import { generateEcKey } from '../../src/pki/key-material.ts'
import { privateKeyPem } from '../../src/pki/private-key.ts'
import { createAcmeBooks } from '../../src/store/acme-books.ts'
import { createTestAcmeClient, PLAIN_WISH, type TestAcmeClient } from '../support/acme-client.ts'
import { type ChallengeAnswers, startChallengeAnswers } from '../support/challenge-answers.ts'
import { createTestSecrets } from '../support/local-authorities.ts'
import { hasPebble, type Pebble, startPebble } from '../support/pebble.ts'
import { openStore, type StoreUnderTest } from '../support/store-under-test.ts'

const signal = new AbortController().signal
const clock = { now: () => instant(Date.now()) }
const NO_FORCE = { force: false }

describe.skipIf(!hasPebble)(
  'the key of an account at a CA (skipped when the program pebble is missing)',
  () => {
    let answers: ChallengeAnswers
    let pebble: Pebble
    let under: StoreUnderTest
    let client: TestAcmeClient
    const secrets = createTestSecrets()
    const closers: (() => void)[] = []
    beforeAll(async () => {
      ;[answers, under] = await Promise.all([startChallengeAnswers(), openStore()])
      pebble = await startPebble({ ...answers, nonceReject: 5 })
      client = createTestAcmeClient(pebble)
    })
    afterAll(async () => {
      for (const close of closers) close()
      client?.close()
      await pebble?.close()
      await answers?.close()
      await under?.close()
    })

    const accountOf = (name: string, more: Partial<AuthorityAccount> = {}): AuthorityAccount => ({
      name,
      directoryUrl: pebble.directoryUrl,
      validationTypes: ['dv'],
      orgId: null,
      profile: null,
      contacts: [],
      externalAccount: null,
      keyPem: null,
      orderLimit: null,
      ...more,
    })
    type Passing = (url: string, send: () => ReturnType<AcmeSend>) => ReturnType<AcmeSend>
    /** As a process has it. `passing` stands between it and the CA. */
    function processOf(account: AuthorityAccount, passing: Passing = (_, send) => send()) {
      const plain = createAcmeSend({ trustedPem: pebble.caPem, allows: () => true })
      closers.push(() => plain.close())
      const send: AcmeSend = (request, stop) => passing(request.url, () => plain(request, stop))
      const server = createAcmeServer({ send, directoryUrl: pebble.directoryUrl, clock })
      const books = createAcmeBooks(under.db)
      const desk = createDesk({
        accounts: [account],
        books,
        secrets,
        clock,
        pause: (milliseconds) => delay(milliseconds).then(() => undefined),
        serverFor: () => server,
        trustOf: () => ({ roots: 'any', isPublic: false }),
        spendOrder: async () => undefined,
        signal,
      })
      return {
        url: () => desk.at(account, async ({ signer }) => signer.accountUrl),
        order: (name: string) =>
          desk.at(account, (session) =>
            newOrder(session, { identifiers: [name], profile: null, replaces: null }, signal),
          ),
        roll: () => rollOverAccountKey(account, NO_FORCE, desk),
        record: () => books.account(account),
        thumbprint: () => desk.sessions.thumbprintOf(account),
      }
    }
    const newKey = () => {
      const key = generateEcKey()
      const pem = privateKeyPem(key)
      return { pem, jws: createJwsKey(createPrivateKey(pem)) }
    }
    const keyChange = async (): Promise<string> => (await client.server.directory(signal)).keyChange ?? ''

    it('is taken over from a file, with the account that it has, and with the contacts of the configuration', async () => {
      const { pem, jws } = newKey()
      const known = await registerAccount(client.server, jws, PLAIN_WISH, signal)
      const account = accountOf('imported', { keyPem: pem, contacts: ['pki@example.com'] })
      expect(await processOf(account).url()).toBe(known.url)
      expect((await findAccount(client.server, jws, signal))?.contacts).toEqual(['mailto:pki@example.com'])
      // What the configuration does not name is left as it is.
      await processOf(accountOf('imported', { keyPem: pem })).url()
      expect((await findAccount(client.server, jws, signal))?.contacts).toEqual(['mailto:pki@example.com'])
    })

    it('is refused from a file when it is no good', async () => {
      const weak = `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`
      await expect(processOf(accountOf('weak', { keyPem: weak })).url()).rejects.toMatchObject({
        code: 'authority-refused',
        message: expect.stringContaining('no private key that can be read'),
      })
    })

    it('becomes another one of the same account, and the old one is gone here and nobody there', async () => {
      const { pem, jws } = newKey()
      const one = processOf(accountOf('rolled', { keyPem: pem }))
      const url = await one.url()
      const before = await one.record()
      await one.roll()
      const after = await one.record()
      expect(after).toMatchObject({ accountUrl: url, sealedNextKey: null })
      expect(
        Buffer.compare(after?.sealedKey ?? Buffer.alloc(0), before?.sealedKey ?? Buffer.alloc(0)),
      ).not.toBe(0)
      expect(await findAccount(client.server, jws, signal)).toBeNull()
      expect((await one.order('rolled.example')).status).toBe('pending')
      await one.roll()
      expect(await one.url()).toBe(url)
    })

    it('is heard of by the other processes, which go on with the new one', async () => {
      const account = accountOf('shared')
      const [one, other] = [processOf(account), processOf(account)]
      const url = await other.url()
      await one.roll()
      expect((await other.order('shared.example')).status).toBe('pending')
      expect(await other.url()).toBe(url)
      // Of two who ask at once both have what they asked for.
      await Promise.all([one.roll(), other.roll()])
      expect([await one.url(), await other.url()]).toEqual([url, url])
      expect((await one.record())?.sealedNextKey).toBeNull()
    })

    it.each(['before the CA is asked', 'before its answer is heard', 'while the CA refuses'])(
      'is not lost by an end of the process %s: whoever comes next finds out which one it is',
      async (moment) => {
        const account = accountOf(`crash ${moment}`)
        const target = await keyChange()
        const refusal = { type: 'urn:ietf:params:acme:error:serverInternal', detail: 'not now' }
        const dying = processOf(account, async (url, send) => {
          if (url !== target) return send()
          if (moment === 'while the CA refuses')
            return {
              status: 500,
              links: [],
              header: (name) => (name === 'content-type' ? 'application/problem+json' : null),
              body: Buffer.from(JSON.stringify(refusal)),
            }
          if (moment === 'before its answer is heard') await send()
          throw new Error('the process ended')
        })
        const url = await dying.url()
        await expect(dying.roll()).rejects.toThrow()
        const next = (await dying.record())?.sealedNextKey
        expect(next).not.toBeNull()
        const survivor = processOf(account)
        expect((await survivor.order('survivor.example')).status).toBe('pending')
        expect(await survivor.url()).toBe(url)
        const hasTaken = moment === 'before its answer is heard'
        expect((await survivor.record())?.sealedNextKey === null).toBe(hasTaken)
        if (hasTaken) return
        await survivor.roll()
        // The same next key: a CA that has taken it late is no surprise.
        expect(await survivor.record()).toMatchObject({ sealedKey: next, sealedNextKey: null })
        expect(await survivor.url()).toBe(url)
      },
    )
  },
)
