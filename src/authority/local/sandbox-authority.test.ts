import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { type TestAuthorities, createTestAuthorities } from '../../../test/support/local-authorities.ts'
import { createMemoryLocalOrders } from '../../../test/support/memory-local-orders.ts'
import { createNodeRandom } from '../../../test/support/node-random.ts'
import { accountId, changeId, enrollmentId } from '../../domain/identifiers.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../../domain/time.ts'
import { createCertificateReader } from '../../pki/certificate-reader.ts'
import { generateEcKey, generateRsaKey } from '../../pki/key-material.ts'
import { writeSigningRequest } from '../../pki/signing-request.ts'
import type { CertificateAuthority, Finalization, OrderRequest } from '../../ports/certificate-authority.ts'
import type { LookResult, LookTarget } from '../../ports/challenge-look.ts'
import type { GeneratedKey } from '../../ports/key-material.ts'
import { createMemoryLocalRevocations } from '../../../test/support/memory-local-revocations.ts'
import type { LocalOrders } from './orders.ts'
import { type SandboxAuthorityDeps, createSandboxAuthority } from './sandbox-authority.ts'

const T0 = instant(1_795_000_000_000)
const CHANGE = changeId(10_001)
const signal = new AbortController().signal
const reader = createCertificateReader()
const key = generateEcKey()

const request = (more: Partial<OrderRequest> = {}): OrderRequest => ({
  changeId: CHANGE,
  accountId: accountId('acc_1'),
  enrollmentId: enrollmentId(10_001),
  validationType: 'dv',
  identifiers: ['a.example', 'b.example'],
  subject: { cn: 'a.example' },
  orgId: null,
  preferredTrustChain: null,
  replaces: null,
  isCounted: false,
  ...more,
})

const requestFor = (names: readonly string[], with_: GeneratedKey = key): string =>
  writeSigningRequest(with_, { cn: names[0] ?? null }, names)

const issuedBy = (outcome: Finalization) => {
  if (outcome.status !== 'issued') throw new Error(`not issued: ${JSON.stringify(outcome)}`)
  return reader.read(outcome.certificate.certificatePem)
}

describe('the sandbox CA', () => {
  let now: Instant
  let seen: (target: LookTarget) => LookResult
  let looks: LookTarget[]
  let orders: LocalOrders
  let authorities: TestAuthorities
  let authority: CertificateAuthority
  let deps: SandboxAuthorityDeps

  beforeEach(async () => {
    now = T0
    looks = []
    seen = () => ({ found: true, error: null, records: [] })
    orders = createMemoryLocalOrders()
    authorities = await createTestAuthorities(T0)
    deps = {
      orders,
      revocations: createMemoryLocalRevocations(),
      records: authorities.records,
      secrets: authorities.secrets,
      look: {
        look: async (target) => {
          looks.push(target)
          return seen(target)
        },
      },
      clock: { now: () => now },
      random: createNodeRandom(),
      hierarchy: authorities.hierarchies.sandbox,
      authorityUrl: 'http://localhost:8080/ca',
      profile: 'classic',
      orderLimit: null,
      spendOrder: async () => {},
    }
    authority = createSandboxAuthority(deps)
  })

  const prove = async (names: readonly string[], change = CHANGE): Promise<void> => {
    for (const name of names) await authority.respond(change, name, 'dns-01', signal)
  }

  describe('orders', () => {
    it('give every challenge a token of its own and the account’s key authorization (RFC 8555 section 8)', async () => {
      const { status, authorizations } = await authority.order(request())
      expect(status).toBe('pending')
      expect(authorizations.map(({ identifier }) => identifier)).toEqual(['a.example', 'b.example'])
      const challenges = authorizations.flatMap((one) => one.challenges)
      expect(challenges.map(({ type }) => type)).toEqual(['http-01', 'dns-01', 'http-01', 'dns-01'])
      expect(new Set(challenges.map(({ token }) => token)).size).toBe(4)
      for (const { token, keyAuthorization } of challenges) {
        expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(keyAuthorization.startsWith(`${token}.`)).toBe(true)
      }
      expect(new Set(challenges.map(({ keyAuthorization }) => keyAuthorization.split('.')[1])).size).toBe(1)
      expect(authorizations.every(({ expires }) => expires === plus(T0, 7 * DAY))).toBe(true)
    })

    it('offer dns-01 alone for a wildcard, with another token than its base name has', async () => {
      const { authorizations } = await authority.order(request({ identifiers: ['a.example', '*.a.example'] }))
      expect(authorizations[1]?.challenges.map(({ type }) => type)).toEqual(['dns-01'])
      expect(authorizations[1]?.challenges[0]?.token).not.toBe(authorizations[0]?.challenges[1]?.token)
    })

    it('are one per change, also when asked for at once and after a restart', async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => authority.order(request())))
      expect(new Set(all.map((order) => JSON.stringify(order))).size).toBe(1)
      expect(await createSandboxAuthority(deps).order(request())).toEqual(all[0])
    })

    it('end when an authorization has waited seven days', async () => {
      await authority.order(request())
      now = plus(T0, 7 * DAY)
      const order = await authority.order(request())
      expect(order).toMatchObject({
        status: 'invalid',
        error: expect.stringContaining('a.example (expired)'),
      })
      expect(await authority.respond(CHANGE, 'a.example', 'dns-01', signal)).toMatchObject({
        status: 'expired',
      })
      expect(looks).toEqual([])
    })

    it('are followed by another one after they were given up, with new tokens', async () => {
      const first = await authority.order(request())
      await authority.abandon(CHANGE)
      await authority.abandon(CHANGE)
      const second = await authority.order(request())
      expect(second.id).not.toBe(first.id)
      const tokens = (order: typeof first) =>
        order.authorizations.flatMap((one) => one.challenges.map(({ token }) => token))
      expect(new Set([...tokens(first), ...tokens(second)]).size).toBe(8)
    })

    it('that nobody knows can be given up too', async () => {
      await expect(authority.abandon(changeId(99))).resolves.toBeUndefined()
    })
  })

  describe('challenges', () => {
    it('are looked at where and for what they say, once', async () => {
      const { authorizations } = await authority.order(request())
      const challenge = authorizations[0]?.challenges[0]
      const answer = await authority.respond(CHANGE, 'a.example', 'http-01', signal)
      expect(looks).toEqual([
        {
          type: 'http-01',
          identifier: 'a.example',
          token: challenge?.token,
          keyAuthorization: challenge?.keyAuthorization,
        },
      ])
      expect(answer).toMatchObject({ status: 'valid', expires: plus(T0, 30 * DAY) })
      expect(answer.challenges.map(({ status }) => status)).toEqual(['valid', 'pending'])
      await authority.respond(CHANGE, 'a.example', 'dns-01', signal)
      expect(looks).toHaveLength(1)
    })

    it('that fail end their authorization for good, and the order with it (RFC 8555 section 7.1.6)', async () => {
      await authority.order(request())
      seen = () => ({ found: false, error: 'a.example: no TXT record', records: [] })
      const answer = await authority.respond(CHANGE, 'a.example', 'dns-01', signal)
      expect(answer.status).toBe('invalid')
      expect(answer.challenges[1]).toMatchObject({ status: 'invalid', error: 'a.example: no TXT record' })
      seen = () => ({ found: true, error: null, records: [] })
      expect((await authority.respond(CHANGE, 'a.example', 'http-01', signal)).status).toBe('invalid')
      expect(await authority.order(request())).toMatchObject({ status: 'invalid' })
      expect(await authority.finalize(CHANGE, requestFor(['a.example', 'b.example']))).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining('a.example (invalid)'),
      })
    })

    it('that failed are followed by new tokens for that name alone', async () => {
      await authority.order(request())
      await prove(['b.example'])
      seen = () => ({ found: false, error: 'no', records: [] })
      await prove(['a.example'])
      await authority.abandon(CHANGE)
      const next = await authority.order(request())
      expect(next.authorizations.map(({ status }) => status)).toEqual(['pending', 'valid'])
    })

    it('whose look was broken off have no verdict', async () => {
      await authority.order(request())
      const controller = new AbortController()
      seen = () => {
        controller.abort(new Error('stopping'))
        return { found: false, error: 'broken off', records: [] }
      }
      await expect(authority.respond(CHANGE, 'a.example', 'dns-01', controller.signal)).rejects.toThrow(
        'stopping',
      )
      expect((await authority.order(request())).status).toBe('pending')
    })

    it('are refused for another name, another type and another change', async () => {
      await authority.order(request({ identifiers: ['*.a.example'] }))
      const refused = expect.objectContaining({ code: 'authority-refused' })
      await expect(authority.respond(CHANGE, 'z.example', 'dns-01', signal)).rejects.toEqual(refused)
      await expect(authority.respond(CHANGE, '*.a.example', 'http-01', signal)).rejects.toEqual(refused)
      await expect(authority.respond(changeId(99), 'a.example', 'dns-01', signal)).rejects.toEqual(refused)
    })
  })

  describe('proofs', () => {
    const second = request({
      changeId: changeId(10_002),
      identifiers: ['a.example', 'b.example', 'c.example'],
    })

    it('serve later orders of the account, with the end they have', async () => {
      await authority.order(request())
      await prove(['a.example', 'b.example'])
      now = plus(T0, 10 * DAY)
      const order = await authority.order(second)
      expect(order.authorizations.map(({ status }) => status)).toEqual(['valid', 'valid', 'pending'])
      expect(order.authorizations[0]?.expires).toBe(plus(T0, 30 * DAY))
    })

    it('do not serve another account, nor once a quarter of their life is all they have left', async () => {
      await authority.order(request())
      await prove(['a.example', 'b.example'])
      const other = await authority.order({ ...second, accountId: accountId('acc_2') })
      expect(other.authorizations.every(({ status }) => status === 'pending')).toBe(true)
      now = plus(T0, 22.5 * DAY)
      const late = await authority.order({ ...second, changeId: changeId(10_003) })
      expect(late.authorizations.every(({ status }) => status === 'pending')).toBe(true)
    })
  })

  describe('certificates', () => {
    const names = ['a.example', 'b.example']

    it('are refused until every name is proven', async () => {
      await authority.order(request())
      await prove(['a.example'])
      expect(await authority.finalize(CHANGE, requestFor(names))).toEqual({
        status: 'refused',
        reason: 'The order is pending, not ready.',
      })
    })

    it('hold the names and the key, begin an hour ago and live 90 days', async () => {
      await authority.order(request())
      await prove(names)
      const outcome = await authority.finalize(CHANGE, requestFor(names))
      expect(issuedBy(outcome)).toMatchObject({
        dnsNames: names,
        subject: { cn: 'a.example', o: null, ou: null, l: null, st: null, c: null },
        notBefore: plus(T0, -HOUR),
        notAfter: plus(T0, 90 * DAY - HOUR - 1_000),
        extendedKeyUsages: ['1.3.6.1.5.5.7.3.1'],
        publicKeyFingerprint: reader.signingRequestKeyFingerprint(requestFor(names)),
      })
      expect((await authority.order(request())).status).toBe('valid')
    })

    it('come with the intermediate, which leads to the root', async () => {
      await authority.order(request())
      await prove(names)
      const outcome = await authority.finalize(CHANGE, requestFor(names))
      if (outcome.status !== 'issued') throw new Error('not issued')
      const [leaf] = reader.split(outcome.certificate.certificatePem)
      const chain = reader.split(outcome.certificate.chainPem)
      const roots = [authorities.hierarchies.sandbox.root.certificateDer]
      expect(chain).toHaveLength(1)
      expect(reader.verifyChain(leaf as Uint8Array, chain, roots, T0)).toEqual({ ok: true })
      const service = [authorities.hierarchies.service.root.certificateDer]
      expect(reader.verifyChain(leaf as Uint8Array, chain, service, T0)).toMatchObject({
        code: 'unknown-root',
      })
    })

    it('are one per order, whenever and however often it is finalized', async () => {
      await authority.order(request())
      await prove(names)
      const all = await Promise.all(
        Array.from({ length: 4 }, () => authority.finalize(CHANGE, requestFor(names))),
      )
      now = plus(T0, 60 * DAY)
      all.push(await createSandboxAuthority(deps).finalize(CHANGE, requestFor(names)))
      expect(new Set(all.map((outcome) => issuedBy(outcome).serialNumber)).size).toBe(1)
    })

    it('are one per order after a crash between signing and keeping', async () => {
      await authority.order(request())
      await prove(names)
      const crashing = { ...orders, saveCertificate: () => Promise.reject(new Error('crash')) }
      await expect(
        createSandboxAuthority({ ...deps, orders: crashing }).finalize(CHANGE, requestFor(names)),
      ).rejects.toThrow('crash')
      const first = await authority.finalize(CHANGE, requestFor(names))
      expect(await authority.finalize(CHANGE, requestFor(names))).toEqual(first)
    })

    it.each([
      ['a name too many', ['a.example', 'b.example', 'c.example'], 'too many: c.example'],
      ['a name too few', ['a.example'], 'missing: b.example'],
      ['a wildcard instead', ['a.example', '*.example'], 'too many: *.example'],
    ])('are refused for %s', async (_, asked, reason) => {
      await authority.order(request())
      await prove(names)
      expect(await authority.finalize(CHANGE, requestFor(asked))).toEqual({
        status: 'refused',
        reason: expect.stringContaining(reason),
      })
      expect((await authority.finalize(CHANGE, requestFor(names))).status).toBe('issued')
    })

    it('are refused for a weak key', async () => {
      await authority.order(request())
      await prove(names)
      const pair = generateKeyPairSync('rsa', {
        modulusLength: 1024,
        privateKeyEncoding: { type: 'pkcs1', format: 'der' },
        publicKeyEncoding: { type: 'spki', format: 'der' },
      })
      expect(await authority.finalize(CHANGE, requestFor(names, { algorithm: 'RSA', ...pair }))).toEqual({
        status: 'refused',
        reason: 'An RSA key has 2048 to 8192 bits, not 1024.',
      })
    })

    it('are refused for a request that cannot be read', async () => {
      await authority.order(request())
      await prove(names)
      expect(await authority.finalize(CHANGE, 'hello')).toMatchObject({ status: 'refused' })
    })

    it('have no common name, and a critical subjectAltName, when the first name is longer than 64 characters', async () => {
      const long = `${'a'.repeat(60)}.example`
      await authority.order(request({ identifiers: [long], subject: { cn: long } }))
      await prove([long])
      expect(issuedBy(await authority.finalize(CHANGE, requestFor([long])))).toMatchObject({
        subject: { cn: null },
        dnsNames: [long],
      })
    })

    it('are signed for RSA keys too', async () => {
      await authority.order(request())
      await prove(names)
      const outcome = await authority.finalize(CHANGE, requestFor(names, await generateRsaKey()))
      expect(issuedBy(outcome)).toMatchObject({
        keyAlgorithm: 'RSA',
        keyBits: 2048,
        signatureHash: 'SHA-256',
      })
    })

    it('say what was vetted for OV and EV, without OU and without a look', async () => {
      const subject = { cn: 'a.example', o: 'Ä GmbH', ou: 'IT', l: 'Köln', st: 'NRW', c: 'DE' }
      const order = await authority.order(request({ validationType: 'ov', subject }))
      expect(order.status).toBe('ready')
      now = plus(T0, 40 * DAY)
      const facts = issuedBy(await authority.finalize(CHANGE, requestFor(names)))
      expect(facts.subject).toEqual({ ...subject, ou: null })
      expect(facts.notAfter - facts.notBefore).toBe(199 * DAY - 1_000)
      expect(looks).toEqual([])
      const dv = await authority.order(request({ changeId: changeId(10_002) }))
      expect(dv.status).toBe('pending')
    })

    it('never outlive their root', async () => {
      now = plus(authorities.hierarchies.sandbox.root.notAfter, -DAY)
      await authority.order(request())
      await prove(names)
      const { notAfter } = issuedBy(await authority.finalize(CHANGE, requestFor(names)))
      expect(notAfter).toBe(authorities.hierarchies.sandbox.root.notAfter)
    })
  })
})
