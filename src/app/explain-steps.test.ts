import { describe, expect, it } from 'vitest'
import { allowedInputOf } from '../domain/change/allowed-input.ts'
import { type Change, NO_PROGRESS } from '../domain/change/change.ts'
import { factsOf } from '../domain/change/move.ts'
import { eventsAt, INITIAL_STATE } from '../domain/change/step.ts'
import { CHANGE_ACTIONS, CHANGE_STATUSES, isOpen } from '../domain/change/vocabulary.ts'
import { type Flow, walk } from '../domain/change/walk.ts'
import { changeId, enrollmentId, accountId } from '../domain/identifiers.ts'
import { instant, MINUTE, plus } from '../domain/time.ts'
import { SETTINGS } from '../../test/support/sample-views.ts'
import { answerFor } from './explain.ts'
import { acknowledgementNeeded } from './explain-inputs.ts'

const AT = instant(1_767_225_600_000)
const POLICY = {
  triggers: ['acknowledgement', 'sight', 'dwell'],
  publishes: 'on-trigger',
  dwellMs: 30_000,
  preflight: { default: 'advise', accounts: new Map() },
} as const

const FLOWS: readonly Flow[] = CHANGE_ACTIONS.flatMap((action) =>
  (['dv', 'ov', 'ev', 'third-party'] as const).flatMap((validationType) =>
    [true, false].flatMap((changeManagement) =>
      [true, false].map((stagingBypass) => ({ action, validationType, changeManagement, stagingBypass })),
    ),
  ),
)

const standing = (flow: Flow, place: Pick<Change, 'status' | 'state'>): Change => ({
  ...place,
  id: changeId(20_001),
  enrollmentId: enrollmentId(10_001),
  accountId: accountId('A-1'),
  action: flow.action,
  settings: {
    ...SETTINGS,
    validationType: flow.validationType,
    changeManagement: flow.changeManagement,
  },
  stagingBypass: flow.stagingBypass,
  effects: [],
  progress: NO_PROGRESS,
  findings: [],
  error:
    place.state === 'error' ? { code: 'edge-unreachable', description: 'What went wrong.', at: AT } : null,
  notBefore: null,
  notAfter: null,
  nextAt: null,
  createdBy: 'somebody',
  createdAt: AT,
  enteredAt: AT,
  updatedAt: AT,
  revision: 1,
})

/** Everywhere that a change can stand, of whatever kind it is, read off the transition table: a new status is among them by itself. */
const PLACES: ReadonlyMap<string, Change> = new Map(
  FLOWS.flatMap((flow) =>
    [INITIAL_STATE, ...walk(flow).map(({ to }) => to)].map((place) => {
      const kind =
        flow.action === 'removal' || flow.action === 'network-only' ? flow.action : flow.validationType
      return [`${place.status} (${place.state}), ${kind}`, standing(flow, place)] as const
    }),
  ),
)
const OPEN = [...PLACES].filter(([, change]) => isOpen(change))

const answered = (change: Change) =>
  change.status === 'wait-ack-change-management' && change.state === 'awaiting-input'
    ? acknowledgementNeeded(
        change,
        { now: AT, stagingAddresses: ['127.0.0.1:8443'], servedNames: ['www.example.com'] },
        'da39a3ee',
      )
    : answerFor(change, POLICY)

describe('the explanation', () => {
  it('has been asked about every status', () => {
    const asked = new Set([...PLACES.values()].map(({ status }) => status))
    expect(CHANGE_STATUSES.filter((status) => !asked.has(status))).toEqual([])
  })

  it.each(OPEN)('of %s says what is waited for, and what happens if nobody acts', (_place, change) => {
    const { waitsFor, otherwise } = answered(change)
    expect(waitsFor).toMatch(/^[A-Z].{10,}\.$/)
    expect(otherwise).toMatch(/^[A-Z].{10,}\.$/)
    expect(waitsFor).not.toContain('The next step.')
    if (change.state === 'error') {
      expect(waitsFor).toMatch(/What went wrong\. [A-Z].{10,}\.$/)
      expect(otherwise).toContain('What was live before stays live.')
    }
  })

  it.each(OPEN)('of %s names everybody who can move it, and nobody who cannot', (_place, change) => {
    const calls = answered(change).moves.map(({ how }) => how)
    const [input] = allowedInputOf(change)
    if (input !== undefined) expect(calls.join('\n')).toContain(input.updateTail)
    const events = eventsAt(change, factsOf(change, AT))
    const ends = calls.some((how) => /^certrail (cancel|acknowledge .*--deny)/.test(how))
    expect(ends).toBe(events.includes('cancelled'))
    expect(calls.some((how) => how.includes('/deployment-schedule'))).toBe(
      change.status === 'wait-deployment-schedule',
    )
  })

  it('of a change that has ended waits for nothing', () => {
    for (const change of PLACES.values())
      if (!isOpen(change)) expect(answered(change)).toEqual({ waitsFor: null, moves: [], otherwise: null })
  })

  it('of a cancelled first change says when its enrollment goes, and how it is kept', () => {
    const flow = {
      action: 'new-certificate',
      validationType: 'dv',
      changeManagement: false,
      stagingBypass: false,
    } as const
    const change = standing(flow, { status: 'generate-csr', state: 'cancelled' })
    const answer = answerFor(
      { ...change, effects: ['remove-enrollment'], nextAt: plus(AT, 5 * MINUTE) },
      POLICY,
    )
    expect(answer.until).toBe(plus(AT, 5 * MINUTE))
    expect(answer.otherwise).toMatch(/enrollment goes/)
    expect(answer.moves).toEqual([expect.objectContaining({ how: 'PUT /cps/v2/enrollments/10001' })])
  })

  it('of an organization that is being checked leads to whoever decides', () => {
    const flow = {
      action: 'new-certificate',
      validationType: 'ov',
      changeManagement: false,
      stagingBypass: false,
    } as const
    const change = standing(flow, { status: 'check-for-cert', state: 'running' })
    const asked = (decision: 'approved' | null) =>
      answerFor(change, POLICY, { decision, dueAt: null, reason: null })
    expect(asked(null).moves.map(({ how }) => how)).toEqual(
      expect.arrayContaining([
        'certrail vetting approve 10001',
        expect.stringContaining('vetting reject 10001'),
      ]),
    )
    expect(asked('approved').moves.map(({ how }) => how)).toEqual(['certrail cancel 10001'])
  })
})
