import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AuthorityAccount } from '../../src/authority/acme/account-choice.ts'
import { createAcmeAuthority } from '../../src/authority/acme/acme-authority.ts'
import { createAcmeServer } from '../../src/authority/acme/server.ts'
import type { ChangeId } from '../../src/domain/identifiers.ts'
import { HOUR, type Instant, plus, SECOND } from '../../src/domain/time.ts'
import { toPem } from '../../src/pki/pem.ts'
import { createAcmeBooks } from '../../src/store/acme-books.ts'
import { createTestSecrets } from '../support/local-authorities.ts'
import {
  createScriptedAuthority,
  refusal,
  type Script,
  type Scripted,
  type ScriptedAuthority,
} from '../support/scripted-authority.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

const CSR = toPem('CERTIFICATE REQUEST', Buffer.from('whatever'))
const { signal } = new AbortController()
const html = (status: number, headers = {}): Scripted => ({ status, headers, body: '<html>no</html>' })

/** What Let's Encrypt, ZeroSSL, Google Trust Services, step-ca and what stands before them answer, and Pebble does not. Over PostgreSQL. */
describe('an authority over ACME servers of other makes', () => {
  let under: StoreUnderTest
  let ca: ScriptedAuthority
  let now: Instant = T0
  const secrets = createTestSecrets()
  let accounts = 0
  let servers = 0
  beforeAll(async () => {
    under = await openStore()
  })
  afterAll(() => under?.close())
  beforeEach(() => {
    ca = createScriptedAuthority(`https://ca-${(servers += 1)}.example`, T0)
  })

  /** A process with an account of its own, and one that comes after it. */
  function processes(more: Partial<AuthorityAccount> = {}) {
    const account: AuthorityAccount = {
      name: `account-${(accounts += 1)}`,
      directoryUrl: ca.directoryUrl,
      validationTypes: ['dv'],
      orgId: null,
      profile: null,
      contacts: [],
      externalAccount: null,
      keyPem: null,
      orderLimit: null,
      ...more,
    }
    const clock = { now: () => now }
    return () => {
      const server = createAcmeServer({ send: ca.send, directoryUrl: ca.directoryUrl, clock })
      return createAcmeAuthority({
        accounts: [account],
        books: createAcmeBooks(under.db),
        secrets,
        clock,
        pause: async (milliseconds) => {
          now = plus(now, milliseconds)
        },
        serverFor: () => server,
        trustOf: () => ({ roots: 'any', isPublic: false }),
        spendOrder: async () => undefined,
        signal,
      })
    }
  }
  type Authority = ReturnType<ReturnType<typeof processes>>

  const requestFor = async (identifiers: readonly string[], replaces: string | null = null) => {
    const { id: changeId, accountId, enrollmentId } = await under.newChange()
    const change = { changeId, accountId, enrollmentId }
    const rest = { orgId: null, preferredTrustChain: null, isCounted: false }
    return { ...change, ...rest, validationType: 'dv' as const, identifiers, subject: {} as never, replaces }
  }
  const prove = async (authority: Authority, changeId: ChangeId, names: readonly string[]) => {
    for (const name of names)
      await authority.respond(changeId, name, name.startsWith('*.') ? 'dns-01' : 'http-01', signal)
  }
  /** Ordered and proven. */
  async function ready(authority: Authority, names: readonly string[] = ['a.example'], wish: object = {}) {
    const request = { ...(await requestFor(names)), ...wish }
    expect((await authority.order(request)).status).toBe('pending')
    await prove(authority, request.changeId, names)
    return request
  }
  const caught = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error)
  const at =
    (path: string, answer: Scripted | ((usual: Scripted) => Scripted)): Script =>
    (asked, usual) => {
      if (!asked.path.startsWith(path)) return undefined
      return typeof answer === 'function' ? answer(usual()) : answer
    }
  const body = (usual: Scripted) => usual.body as Record<string, unknown>

  it.each([
    ['429 without a word', html(429), 900],
    ['429 with a time', html(429, { 'retry-after': '7' }), 7],
    ['503 with a date', html(503, { 'retry-after': new Date(T0 + HOUR).toUTCString() }), 3_600],
    ['503 without a word', html(503), null],
    ['a page in between', html(302), null],
  ])('takes %s in the place of a nonce for a wait, also while it finalizes', async (_, answer, seconds) => {
    now = T0
    const next = processes()
    const { changeId } = await ready(next())
    const asked = ca.asked.length
    ca.script(at('/nonce', answer))
    const restarted = next()
    const expected = {
      code: 'authority-unavailable',
      ...(seconds === null ? {} : { retryAfterSeconds: seconds }),
    }
    expect(await caught(restarted.finalize(changeId, CSR))).toMatchObject(expected)
    await caught(restarted.finalize(changeId, CSR))
    const isLimit = seconds !== null
    expect(ca.countOf('/nonce') - 1).toBe(isLimit ? 1 : 2)
    ca.script(null)
    now = plus(now, HOUR + SECOND)
    expect(await restarted.finalize(changeId, CSR)).toMatchObject({ status: 'issued' })
    expect(ca.asked.length).toBeGreaterThan(asked)
  })

  it('reads a problem of ACME under another media type', async () => {
    const { body: problem } = refusal(403, 'caa')
    ca.script(at('/new-order', { status: 403, headers: { 'content-type': 'text/json' }, body: problem }))
    const refused = caught(processes()().order(await requestFor(['a.example'])))
    expect(await refused).toMatchObject({
      code: 'authority-refused',
      message: expect.stringContaining('(caa)'),
    })
  })

  it('says of each name why a limit holds it back', async () => {
    const subproblems = [
      { type: 'rateLimited', detail: 'five a week', identifier: { type: 'dns', value: 'a.example' } },
    ]
    ca.script(at('/new-order', { ...refusal(429, 'rateLimited', { subproblems }) }))
    expect(String(await caught(processes()().order(await requestFor(['a.example']))))).toContain(
      'a.example: five a week',
    )
  })

  it('lets others order when a limit met an order: at once when it names names, within 15 minutes when it does not, later when it met two', async () => {
    now = T0
    const authority = processes()()
    const orderOf = async (name: string) => caught(authority.order(await requestFor([name])))
    const day = { 'retry-after': '86400' }
    const limited = refusal(429, 'rateLimited')
    const waitsADay = { code: 'authority-unavailable', retryAfterSeconds: 86_400 }
    const subproblems = [
      { type: 'rateLimited', detail: 'no', identifier: { type: 'dns', value: 'a.example' } },
    ]
    const named = refusal(429, 'rateLimited', { subproblems })
    ca.script(at('/new-order', { ...named, headers: { ...named.headers, ...day } }))
    expect(await orderOf('a.example')).toMatchObject(waitsADay)
    ca.script(null)
    expect(await orderOf('b.example')).toMatchObject({ status: 'pending' })
    ca.script(at('/new-order', { ...limited, headers: { ...limited.headers, ...day } }))
    expect(await orderOf('a.example')).toMatchObject(waitsADay)
    expect(await orderOf('b.example')).toMatchObject({ retryAfterSeconds: 900 })
    now = plus(now, 900 * SECOND)
    expect(await orderOf('c.example')).toMatchObject(waitsADay)
    expect(await orderOf('b.example')).toMatchObject(waitsADay)
    expect((await authority.standings?.())?.[0]).toMatchObject({ limitedUntil: plus(now, 24 * HOUR) })
  })

  it.each([
    ['600', 600],
    ['86400', 600],
    ['45', 45],
  ])(
    'leaves an authorization alone at a CA that tries again after %s seconds (section 8.2), for ten minutes at most',
    async (wait, seconds) => {
      now = T0
      const authority = processes()()
      const request = await requestFor(['a.example'])
      await authority.order(request)
      let isSlow = true
      ca.script((asked, usual) => {
        if (!isSlow) return undefined
        if (asked.path.startsWith('/challenge/')) return { body: {} }
        return asked.path.startsWith('/authorization/')
          ? { ...usual(), headers: { 'retry-after': wait } }
          : undefined
      })
      const look = () => authority.respond(request.changeId, 'a.example', 'http-01', signal)
      expect((await look()).status).toBe('pending')
      const asked = ca.asked.length
      expect((await look()).status).toBe('pending')
      expect(ca.asked.length).toBe(asked)
      isSlow = false
      now = plus(now, seconds * SECOND)
      expect((await look()).status).toBe('valid')
    },
  )

  it.each([refusal(429, 'rateLimited'), refusal(500, 'serverInternal'), html(429)])(
    'names the predecessor of a renewal again after %j',
    async (answer) => {
      now = T0
      const request = await requestFor(['a.example'], ca.certificatePem)
      const authority = processes()()
      ca.script(at('/new-order', answer))
      expect(await caught(authority.order(request))).toMatchObject({ code: 'authority-unavailable' })
      expect(ca.countOf('/new-order')).toBe(1)
      ca.script(null)
      now = plus(now, HOUR)
      await authority.order(request)
      expect(ca.asked.findLast(({ path }) => path === '/new-order')?.payload).toHaveProperty('replaces')
    },
  )

  it('finds an order whose URL it never heard in a list without its object (step-ca)', async () => {
    const next = processes()
    const request = await requestFor(['a.example'])
    ca.script((asked, usual) => (asked.path === '/new-order' ? (usual(), html(502)) : undefined))
    await caught(next().order(request))
    ca.script(at('/orders', (usual) => ({ body: body(usual)['orders'] })))
    expect((await next().order(request)).id).toBe(`${ca.origin}/order/0`)
    expect(ca.countOf('/new-order')).toBe(1)
  })

  it.each([
    html(404),
    html(405),
    html(501),
    refusal(403, 'unauthorized'),
    refusal(405, 'malformed'),
    { body: { orders: 17 } },
    { body: { orders: ['/order/77'] } },
  ])('places an order anew where the list of orders is none: %j', async (answer) => {
    const next = processes()
    const request = await requestFor(['a.example'])
    ca.script(at('/new-order', html(502)))
    await caught(next().order(request))
    ca.script(at('/orders', answer))
    expect((await next().order(request)).status).toBe('pending')
  })

  it.each([html(503), refusal(500, 'serverInternal'), refusal(429, 'rateLimited')])(
    'waits for a list of orders that cannot be had just now: %j',
    async (answer) => {
      now = T0
      const next = processes()
      const request = await requestFor(['a.example'])
      ca.script((asked, usual) => (asked.path === '/new-order' ? (usual(), html(502)) : undefined))
      await caught(next().order(request))
      ca.script(at('/orders', answer))
      expect(await caught(next().order(request))).toMatchObject({ code: 'authority-unavailable' })
      ca.script(null)
      now = plus(now, HOUR)
      expect((await next().order(request)).id).toBe(`${ca.origin}/order/0`)
      expect(ca.countOf('/new-order')).toBe(1)
    },
  )

  it('takes relative URLs wherever a server names one', async () => {
    const relative: Script = (asked, usual) => {
      if (asked.path === '/dir' || asked.path.startsWith('/certificate/')) return undefined
      const text = (value: unknown): string => JSON.stringify(value ?? '').replaceAll(ca.origin, '')
      const answer = usual()
      return {
        ...answer,
        headers: JSON.parse(text(answer.headers ?? {})),
        body: JSON.parse(text(answer.body)),
      }
    }
    ca.script(relative)
    const authority = processes()()
    const { changeId } = await ready(authority)
    expect(await authority.finalize(changeId, CSR)).toMatchObject({ status: 'issued' })
  })

  const withAuthorizations =
    (names: readonly string[], status: string): Script =>
    (asked, usual) => {
      const [, resource, , part = ''] = asked.path.split('/')
      const answer = usual()
      const urls = names.map((_, index) => `${ca.origin}/authorization/0/${index}`)
      if (resource === 'new-order' || resource === 'order')
        return { ...answer, body: { ...body(answer), status, authorizations: urls } }
      if (resource !== 'authorization') return undefined
      return { body: { ...body(answer), identifier: { type: 'dns', value: names[Number(part)] } } }
    }

  it('asks for no proof where the CA wants none (section 7.1.3)', async () => {
    ca.script(withAuthorizations([], 'ready'))
    const names = ['www.a.example', 'a.example']
    const { status, authorizations } = await processes()().order(await requestFor(names))
    expect(status).toBe('ready')
    expect(authorizations.map((one) => [one.identifier, one.status])).toEqual(
      names.map((name) => [name, 'valid']),
    )
  })

  it('proves the domain above where the CA wants that', async () => {
    ca.script(withAuthorizations(['a.example'], 'pending'))
    const authority = processes()()
    const request = await requestFor(['www.a.example', '*.a.example'])
    const { authorizations } = await authority.order(request)
    expect(authorizations.map((one) => [one.identifier, one.status])).toEqual([
      ['www.a.example', 'valid'],
      ['*.a.example', 'valid'],
      ['a.example', 'pending'],
    ])
    await prove(authority, request.changeId, ['a.example'])
    expect(ca.countOf('/challenge/')).toBe(1)
  })

  it('refuses an order for other names, and authorizations for what is not above ours', async () => {
    const other = { identifiers: [{ type: 'dns', value: 'b.example' }] }
    const says = { code: 'authority-refused', message: expect.stringContaining('other names than asked for') }
    ca.script(at('/new-order', (usual) => ({ ...usual, body: { ...body(usual), ...other } })))
    expect(await caught(processes()().order(await requestFor(['a.example'])))).toMatchObject(says)
    ca.script(withAuthorizations(['xa.example'], 'pending'))
    expect(await caught(processes()().order(await requestFor(['a.example'])))).toMatchObject(says)
  })

  it.each(['expired', 'deactivated', 'revoked', 'invalid'])(
    'gives up an order of which an authorization is %s, though it is called pending, and orders anew',
    async (status) => {
      const authority = processes()()
      const request = await requestFor(['a.example', 'b.example'])
      await authority.order(request)
      ca.script(at('/authorization/0/1', (usual) => ({ body: { ...body(usual), status } })))
      const order = await authority.order(request)
      expect(order).toMatchObject({ status: 'invalid', error: `No longer open: b.example (${status}).` })
      await authority.abandon(request.changeId)
      expect(await authority.order(request)).toMatchObject({ status: 'pending', id: `${ca.origin}/order/1` })
    },
  )

  it('says what the authorizations say of an order that became invalid without a word', async () => {
    const error = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids it' }
    const authority = processes()()
    const request = await requestFor(['a.example'])
    await authority.order(request)
    ca.script((asked, usual) => {
      if (asked.path === '/order/0') return { body: { ...body(usual()), status: 'invalid' } }
      const answer = usual()
      const [challenge] = (body(answer)['challenges'] ?? []) as object[]
      const challenges = [{ ...challenge, status: 'invalid', error }]
      return asked.path === '/authorization/0/0'
        ? { body: { ...body(answer), status: 'invalid', challenges } }
        : answer
    })
    expect((await authority.order(request)).error).toBe(
      'No longer open: a.example (invalid: CAA forbids it (caa)).',
    )
  })

  it('gives up an order of which an authorization cannot be found any more; one just made is looked for again', async () => {
    const authority = processes()()
    const request = await requestFor(['a.example'])
    ca.script(at('/authorization/', refusal(404, 'malformed')))
    expect(await caught(authority.order(request))).toMatchObject({ code: 'authority-unavailable' })
    expect(await authority.order(request)).toMatchObject({ status: 'invalid' })
    expect(ca.countOf('/new-order')).toBe(1)
  })

  it('takes a challenge for failed though its authorization is called pending (step-ca)', async () => {
    const authority = processes()()
    const request = await requestFor(['a.example'])
    await authority.order(request)
    ca.script((asked, usual) => {
      if (asked.path.startsWith('/challenge/')) return { body: {} }
      if (asked.path !== '/authorization/0/0') return undefined
      const answer = usual()
      const [challenge] = body(answer)['challenges'] as object[]
      const status = ca.countOf('/challenge/') > 0 ? 'invalid' : 'pending'
      return { body: { ...body(answer), challenges: [{ ...challenge, status }] } }
    })
    expect((await authority.respond(request.changeId, 'a.example', 'http-01', signal)).status).toBe('invalid')
    expect((await authority.order(request)).status).toBe('invalid')
  })

  const processing =
    (wait: string | null): Script =>
    (asked, usual) => {
      const isLook = /^\/(order|finalize)\//.test(asked.path)
      const answer = usual()
      if (!isLook || body(answer)['status'] !== 'valid') return answer
      const headers = wait === null ? {} : { 'retry-after': wait }
      return { headers, body: { ...body(answer), status: 'processing', certificate: '' } }
    }

  it('does not look before the time that the answer to finalize names, and then once each time', async () => {
    now = T0
    const authority = processes()()
    const { changeId } = await ready(authority)
    ca.script(processing('300'))
    const asked = ca.asked.length
    expect(await authority.finalize(changeId, CSR)).toEqual({
      status: 'processing',
      after: plus(now, 300 * SECOND),
    })
    // The order, and finalize.
    expect(ca.asked.length - asked).toBe(2)
    now = plus(now, 300 * SECOND)
    expect(await authority.finalize(changeId, CSR)).toEqual({
      status: 'processing',
      after: plus(now, 300 * SECOND),
    })
    expect(ca.asked.length - asked).toBe(3)
    ca.script(null)
    expect(await authority.finalize(changeId, CSR)).toMatchObject({ status: 'issued' })
    expect(ca.countOf('/finalize/')).toBe(1)
  })

  it('looks for half a minute where no time is named, and then once each time', async () => {
    const authority = processes()()
    const { changeId } = await ready(authority)
    ca.script(processing(null))
    expect(await authority.finalize(changeId, CSR)).toEqual({ status: 'processing', after: null })
    const asked = ca.asked.length
    expect(await authority.finalize(changeId, CSR)).toEqual({ status: 'processing', after: null })
    expect(ca.asked.length - asked).toBe(1)
  })

  it('takes an order that it held before: a CA gives a pending one again for the same names', async () => {
    let made: Scripted | null = null
    ca.script((asked, usual) => (asked.path === '/new-order' ? (made ??= usual()) : undefined))
    const next = processes()
    const first = await requestFor(['a.example'])
    await next().order(first)
    await next().abandon(first.changeId)
    // Of this change and of another one.
    const second = await ready(next())
    expect(await next().finalize(second.changeId, CSR)).toMatchObject({ status: 'issued' })
    expect((await next().order(first)).id).toBe(`${ca.origin}/order/0`)
    expect(await next().finalize(first.changeId, CSR)).toMatchObject({ status: 'lost' })
  })

  it.each([
    [{ error: { type: 'urn:ietf:params:acme:error:serverInternal', detail: 'oops' } }, 'lost'],
    [{ error: { type: 'urn:ietf:params:acme:error:badCSR', detail: 'no' } }, 'refused'],
    [{}, 'lost'],
  ])('goes on as the CA says why an order that it finalized became invalid: %j', async (why, status) => {
    const authority = processes()()
    const { changeId } = await ready(authority)
    ca.script(at('/finalize/', (usual) => ({ body: { ...body(usual), ...why, status: 'invalid' } })))
    expect(await authority.finalize(changeId, CSR)).toMatchObject({ status })
  })

  it('leaves an order to whoever finalized it: a CA gives two requests for the same names one order', async () => {
    const authority = processes()()
    const { changeId } = await ready(authority)
    ca.script(
      at('/order/0', (usual) => ({
        body: { ...body(usual), status: 'valid', certificate: `${ca.origin}/certificate/0` },
      })),
    )
    expect(await authority.finalize(changeId, CSR)).toMatchObject({ status: 'lost' })
    expect(ca.countOf('/certificate/')).toBe(0)
  })

  it.each([html(404), refusal(500, 'serverInternal'), { body: 'no chain' }])(
    'takes the chain that the CA prefers where another one is named and cannot be had: %j',
    async (answer) => {
      const authority = processes()()
      const { changeId } = await ready(authority, ['a.example'], { preferredTrustChain: 'somewhere' })
      const links = [`</certificate/other>;rel="alternate"`, '<ftp://ca.example/x>;rel="alternate"']
      ca.script((asked, usual) => {
        if (asked.path === '/certificate/other') return answer
        return asked.path.startsWith('/certificate/') ? { ...usual(), links } : undefined
      })
      expect(await authority.finalize(changeId, CSR)).toMatchObject({ status: 'issued' })
      expect(ca.countOf('/certificate/other')).toBe(1)
    },
  )

  it('orders from a CA that does not take an address', async () => {
    ca.script((asked) =>
      JSON.stringify(asked.payload ?? '').includes('mailto:') &&
      !('termsOfServiceAgreed' in (asked.payload as object))
        ? refusal(400, 'unsupportedContact')
        : undefined,
    )
    const authority = processes({ contacts: ['pki@example.com'] })()
    expect((await authority.order(await requestFor(['a.example']))).status).toBe('pending')
  })

  it('makes an account at a CA that asks for its binding when it is only asked to look', async () => {
    const made: unknown[] = []
    ca.script((asked, usual) => {
      if (asked.path !== '/account') return undefined
      if ('onlyReturnExisting' in (asked.payload as object)) return refusal(400, 'externalAccountRequired')
      made.push(asked.payload)
      return { ...usual(), body: { ...body(usual()), orders: '' } }
    })
    const authority = processes({ externalAccount: { kid: 'k', hmacKey: 'AAAA' } })()
    expect((await authority.order(await requestFor(['a.example']))).status).toBe('pending')
    expect(made).toEqual([expect.objectContaining({ externalAccountBinding: expect.anything() })])
  })
})
