import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { createObserver } from '../../src/composition/observer.ts'
import { REFUSAL_WAITS, RETRY_WAITS } from '../../src/domain/change/retry.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { DAY, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const GIVEN_UP = 'Certrail has given up: a person has to act.'
const REFUSAL = 'The CA has something against the name.'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [fact: string]: unknown
}

/** A change that nothing moves any more but a person is said to people, in the log and to whoever watches the metrics. */
describe('what gives up', () => {
  let running: InProcess
  let lines: LogLine[]

  beforeEach(async () => {
    running = await startInProcess({ validation: VALIDATES_BY_TIME })
    lines = []
    const log = pino(
      { level: 'error', base: null },
      { write: (line: string) => lines.push(JSON.parse(line)) },
    )
    const { deps, metrics } = running.services
    Object.assign(deps, { observer: createObserver(log, metrics) })
  })
  afterEach(() => running.close())

  const now = () => running.services.deps.clocks.lifecycle.now()
  const changeOf = ({ changeId: id }: ChangeReference) => running.services.deps.store.read.changes.load(id)

  async function begin(name: string): Promise<ChangeReference> {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(name),
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    return ref
  }

  async function told({ changeId: id }: ChangeReference): Promise<readonly string[]> {
    const { rows } = await running.database.pool.query<{ text: string }>(
      `select text from notices where change_id = $1 and occasion = 'failure' order by id`,
      [id],
    )
    return rows.map(({ text }) => text)
  }

  async function expectLoud(ref: ChangeReference, action: string, status: string): Promise<void> {
    const { enrollmentId: enrollment, changeId: change } = ref
    const texts = await told(ref)
    expect(texts.filter((text) => text.includes(GIVEN_UP))).toEqual([texts.at(-1)])
    expect(texts.at(-1)).toContain('What was live stays live.')
    expect(lines.filter(({ msg }) => msg === 'a person has to act')).toMatchObject([
      { level: 50, enrollment, change, action, status },
    ])
    expect((await running.services.metrics.render()).split('\n')).toContain(
      `certrail_changes_given_up_total{action="${action}",status="${status}"} 1`,
    )
    expect(await running.useCases.explain(running.caller, ref)).toMatchObject({ until: null })
  }

  it('a push that no edge takes for three days is told once it is given up, and before that it lasts', async () => {
    const { useCases, caller, database } = running
    await database.pool.query(
      `insert into edge_listeners (id, network, addresses, real_seen_at) values ('strange', 'production', '{127.0.0.1:1}', $1)`,
      [Date.now() + DAY],
    )
    const ref = await begin('www.push.example')
    const failed = { status: 'deploy-cert-to-production', state: 'error' }
    await expect.poll(() => changeOf(ref), { timeout: 20_000 }).toMatchObject(failed)
    expect(lines).toEqual([])
    await useCases.advanceClock(caller, { by: 4 * DAY })
    const change = await changeOf(ref)
    expect(change).toMatchObject({ ...failed, nextAt: null })
    expect(change?.progress.attempts).toBe(RETRY_WAITS.length + 1)
    expect(await told(ref)).toHaveLength(2)
    await expectLoud(ref, 'new-certificate', 'deploy-cert-to-production')
  }, 120_000)

  it('a renewal whose order is refused to the end is told at each refusal, and as given up at the last', async () => {
    const { deps } = running.services
    const { useCases, caller } = running
    const { enrollmentId } = await begin('www.refused.example')
    const start = async () => (await useCases.getEnrollment(caller, enrollmentId)).autoRenewalStartTime
    await expect.poll(start, { timeout: 20_000 }).not.toBeNull()
    const begins = await start()
    if (begins === null) throw new Error('nothing is live')
    const { authorityFor } = deps
    const refusing: typeof authorityFor = (type) => ({
      ...authorityFor(type),
      finalize: async () => ({ status: 'refused', reason: REFUSAL }),
    })
    Object.assign(deps, { authorityFor: refusing })
    await useCases.advanceClock(caller, { to: plus(begins, 10 * MINUTE) })
    const [renewal] = (await useCases.getEnrollment(caller, enrollmentId)).pendingChanges
    if (renewal === undefined) throw new Error('the renewal has not begun')
    const ref = { enrollmentId, changeId: renewal.changeId }
    expect(await changeOf(ref)).toMatchObject({ status: 'check-for-cert-error', state: 'error' })
    expect(lines).toEqual([])
    const [last] = REFUSAL_WAITS.slice(-1)
    await useCases.advanceClock(caller, { to: plus(now(), (last?.totalMs ?? 0) + 2 * DAY) })
    const change = await changeOf(ref)
    expect(change).toMatchObject({ status: 'check-for-cert-error', state: 'error', nextAt: null })
    expect(change?.progress.refusals).toBe(REFUSAL_WAITS.length + 1)
    const texts = await told(ref)
    expect(texts).toHaveLength(REFUSAL_WAITS.length + 1)
    for (const text of texts) expect(text).toContain(REFUSAL)
    await expectLoud(ref, 'renewal', 'check-for-cert-error')
  }, 120_000)
})
