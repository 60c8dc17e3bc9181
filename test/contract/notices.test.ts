import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import { createNoticeWork, type NoticeWork } from '../../src/composition/notices.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, type Instant, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'
import { startSmtp, type TestSmtp } from '../support/smtp.ts'

interface Called {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let smtp: TestSmtp
let running: InProcess
let work: NoticeWork
let ahead: Dependencies
let hook: Server
const calls: Called[] = []
let answer = 200
const HOUR_MS = 3_600_000
let realAhead = 0

beforeAll(async () => {
  smtp = await startSmtp()
  hook = createServer((request, response) => {
    void text(request).then((body) => {
      calls.push({ headers: request.headers, body })
      response.writeHead(answer).end()
    })
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  // Gathering and sending are done by the test alone.
  const overrides = { mail: { url: smtp.url, from: 'certrail@sandbox.example' }, noticeDigestMs: HOUR_MS }
  running = await startInProcess({
    ...overrides,
  })
  const { deps } = running.services
  const real = { now: () => plus(deps.clocks.real.now(), realAhead) }
  ahead = { ...deps, clocks: { ...deps.clocks, real } }
  work = createNoticeWork(ahead, { ...running.settings, ...overrides }, new AbortController().signal)
})
afterAll(async () => {
  await running.close()
  hook.close()
  await smtp.close()
})
beforeEach(async () => {
  await work.form()
  await deliverAll()
  smtp.mails.length = 0
  calls.length = 0
  answer = 200
})

async function deliverAll(): Promise<void> {
  await expect.poll(async () => (await pending(), await work.send(), pending()), { timeout: 20_000 }).toBe(0)
}

async function pending(): Promise<number> {
  const { rows } = await running.database.pool.query<{ count: string }>(
    'select count(*) from notice_deliveries where real_next_at <= $1',
    [running.services.deps.clocks.real.now() + realAhead],
  )
  return Number(rows[0]?.count)
}

async function live(name: string, contact: string, changeManagement = false): Promise<EnrollmentId> {
  const { useCases, caller } = running
  const settings = dvSettings(name)
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: {
      ...settings,
      changeManagement,
      adminContact: { ...settings.adminContact, email: contact },
      techContact: { ...settings.techContact, email: contact },
    },
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  const done = changeManagement ? 'wait-ack-change-management' : 'complete'
  await expect
    .poll(async () => (await useCases.getChange(caller, ref)).status, { timeout: 20_000 })
    .toBe(done)
  return ref.enrollmentId
}

const renewalOf = async (id: EnrollmentId): Promise<Instant> => {
  const { autoRenewalStartTime } = await running.useCases.getEnrollment(running.caller, id)
  if (autoRenewalStartTime === null) throw new Error('nothing is live')
  return autoRenewalStartTime
}

const notes = (body: string): readonly { occasion: string; id: number }[] => JSON.parse(body).notices

describe('mail', () => {
  it('goes to the contacts once, one digest of everything that was to be told, as plain text', async () => {
    await live('one.notice.example', 'people@one.example')
    await live('two.notice.example', 'people@one.example')
    await work.form()
    await deliverAll()
    const [mail, ...others] = smtp.mails.filter(({ to }) => to.includes('people@one.example'))
    expect(others).toEqual([])
    expect(mail?.source).toContain('Subject: [Certrail sandbox] ')
    expect(mail?.source).toContain('Content-Type: text/plain')
    expect(mail?.source).toContain('one.notice.example')
    expect(mail?.source).toContain('two.notice.example')
    expect(mail?.source.match(/- 20\S+ a certificate was deployed/g)).toHaveLength(2)
    // They were placed meanwhile: nobody has to hear of it.
    expect(mail?.source).not.toContain('challenges have to be placed')
  })

  it('comes again under the same Message-ID when the server refuses it for a while', async () => {
    await live('late.notice.example', 'people@late.example')
    smtp.refuseNext('Greylisted.')
    await work.form()
    await deliverAll()
    expect(smtp.mails).toEqual([])
    const { rows } = await running.database.pool.query(
      'select id, attempts, last_error from notice_deliveries where real_next_at is not null',
    )
    expect(rows).toMatchObject([{ attempts: 1, last_error: expect.stringContaining('Greylisted') }])
    realAhead += 15_000
    await deliverAll()
    expect(smtp.mails).toHaveLength(1)
    expect(smtp.mails[0]?.source).toContain(`Message-ID: <${rows[0]?.id}@certrail>`)
  })

  it('is sent once more, as the same, after a process that was killed between sending and noting it', async () => {
    await live('killed.notice.example', 'people@killed.example')
    await work.form()
    const deps = ahead
    const dying = {
      ...deps,
      store: {
        ...deps.store,
        transaction: <T>(run: Parameters<typeof deps.store.transaction<T>>[0]) =>
          deps.store.transaction<T>((tx) =>
            run({
              ...tx,
              notices: {
                ...tx.notices,
                sent: () => Promise.reject(new Error('killed')),
                failed: () => Promise.reject(new Error('killed')),
              },
            }),
          ),
      },
    }
    const overrides = { mail: { url: smtp.url, from: 'certrail@sandbox.example' } }
    const doomed = createNoticeWork(
      dying,
      { ...running.settings, ...overrides },
      new AbortController().signal,
    )
    await expect(doomed.send()).rejects.toThrow('killed')
    await deliverAll()
    const ids = smtp.mails.map(({ source }) => /Message-ID: (\S+)/.exec(source)?.[1])
    expect(ids.length).toBeGreaterThanOrEqual(2)
    expect(new Set(ids).size).toBe(1)
  })
})

describe('a webhook', () => {
  it('is called with what was told, signed with its id and the moment; removed, it is left alone', async () => {
    const { useCases, caller } = running
    const { port } = hook.address() as AddressInfo
    const made = await useCases.addWebhook(caller, `http://127.0.0.1:${port}/hook?x=1`)
    const id = await live('hook.notice.example', 'people@hook.example')
    await work.form()
    await deliverAll()
    const [called] = calls
    expect(calls).toHaveLength(1)
    expect(notes(called?.body ?? '').map(({ occasion }) => occasion)).toContain('deployed')
    expect(called?.body).toContain(`"enrollmentId":${id}`)
    const {
      'webhook-id': message,
      'webhook-timestamp': at,
      'webhook-signature': signature,
    } = called?.headers ?? {}
    const key = Buffer.from(made.secret.replace('whsec_', ''), 'base64')
    expect(key).toHaveLength(32)
    expect(signature).toBe(
      `v1,${createHmac('sha256', key)
        .update(`${String(message)}.${String(at)}.${called?.body}`)
        .digest('base64')}`,
    )
    expect(Math.abs(Number(at) - (Date.now() + realAhead) / 1000)).toBeLessThan(60)
    await useCases.removeWebhook(caller, made.id)
    await live('unhooked.notice.example', 'people@hook.example')
    await work.form()
    await deliverAll()
    expect(calls).toHaveLength(1)
  })

  it('that there is not is not removed, and the audit log says nothing of it', async () => {
    const { useCases, caller, services } = running
    const entries = () => services.deps.store.read.audit.after(caller.accountId, 0, 1_000)
    const before = await entries()
    await expect(useCases.removeWebhook(caller, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
    expect(await entries()).toEqual(before)
  })

  it('that fails is called again with the same id and a new moment, and at last given up', async () => {
    const { useCases, caller } = running
    const { port } = hook.address() as AddressInfo
    const made = await useCases.addWebhook(caller, `http://127.0.0.1:${port}/`)
    answer = 503
    await live('down.notice.example', 'people@down.example')
    await work.form()
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await deliverAll()
      realAhead += 48 * HOUR_MS
    }
    expect(calls).toHaveLength(9)
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(calls.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(9)
    await useCases.removeWebhook(caller, made.id)
  })

  it('may not lead to where the installation may not connect to', async () => {
    const { useCases, caller } = running
    const made = await useCases.addWebhook(caller, 'http://169.254.169.254/latest/meta-data')
    await live('inside.notice.example', 'people@inside.example')
    await work.form()
    await deliverAll()
    const { rows } = await running.database.pool.query(
      'select last_error from notice_deliveries where target = $1',
      [made.id],
    )
    expect(rows).toMatchObject([{ last_error: expect.stringContaining('not where Certrail may connect') }])
    await useCases.removeWebhook(caller, made.id)
    for (const url of ['ftp://a.example/', 'https://user:pass@a.example/', 'javascript:alert(1)'])
      await expect(useCases.addWebhook(caller, url)).rejects.toMatchObject({ code: 'validation-error' })
  })
})

describe('while the clock is turned', () => {
  it('a deadline is told of a day before it, and expiry only of what is not renewed', async () => {
    const { useCases, caller } = running
    const id = await live('turned.notice.example', 'people@turned.example')
    await useCases.advanceClock(caller, { to: plus(await renewalOf(id), DAY) })
    const told = (await useCases.notices(caller, 200)).filter(({ enrollmentId }) => enrollmentId === id)
    expect(told.map(({ occasion }) => occasion)).toEqual(
      expect.arrayContaining(['renewal-begun', 'deployed']),
    )
    expect(told.map(({ occasion }) => occasion)).not.toContain('expiry-near')
  })
})
