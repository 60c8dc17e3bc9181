import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANGE_EVENTS, type ChangeEvent } from './events.ts'
import { type ChangeFacts, deploymentWindow } from './facts.ts'
import { eventsAt, INITIAL_STATE, step } from './step.ts'
import { instant } from '../time.ts'
import { CHANGE_ACTIONS, CHANGE_STATES, CHANGE_STATUSES, type ChangeState, isOpen } from './vocabulary.ts'

const DV: ChangeFacts = {
  action: 'new-certificate',
  validationType: 'dv',
  changeManagement: false,
  stagingBypass: false,
  window: 'open',
}

/** Statuses (with the state where it is not `running`) that the events lead through. */
function run(
  facts: ChangeFacts,
  events: readonly ChangeEvent[],
  start: ChangeState = INITIAL_STATE,
): string[] {
  let current = start
  return events.map((event) => {
    const next = step(current, event, facts)
    if (!next.ok) return `${event}: ${next.code}`
    current = next
    return next.state === 'running' ? next.status : `${next.status} ${next.state}`
  })
}

const TAIL: readonly ChangeEvent[] = ['slots-ready', 'live-checked', 'staging-deployed']
const TAIL_STATUSES = ['create-slot-files', 'live-check-action', 'deploy-cert-to-staging']

describe('flows of spec: behaviour C6', () => {
  it('DV passes its challenges and ends complete', () => {
    const events: ChangeEvent[] = [
      'started',
      'checks-passed',
      'keys-ready',
      'challenges-ready',
      'validation-requested',
      'names-not-yet-validated',
      'validation-requested',
      'names-validated',
      'certificate-issued',
      ...TAIL,
      'production-deployed',
    ]
    expect(run(DV, events)).toEqual([
      'pre-verification-safety-checks',
      'generate-csr',
      'coordinate-domain-validation',
      ...Array(4).fill('coordinate-domain-validation awaiting-input'),
      'check-for-cert',
      ...TAIL_STATUSES,
      'deploy-cert-to-production',
      'complete completed',
    ])
  })

  it('DV whose names are still authorized goes straight on', () => {
    expect(run(DV, ['started', 'checks-passed', 'keys-ready', 'names-validated']).at(-1)).toBe(
      'check-for-cert',
    )
  })

  it('a name that the CA gave up on is ordered anew', () => {
    const waiting: ChangeState = { status: 'coordinate-domain-validation', state: 'awaiting-input' }
    expect(step(waiting, 'names-invalidated', DV)).toEqual({
      ok: true,
      status: 'coordinate-domain-validation',
      state: 'running',
      effects: ['place-order'],
    })
  })

  it('OV and EV go from keys to the CA, and out of its failure by a retry', () => {
    for (const validationType of ['ov', 'ev'] as const) {
      const facts = { ...DV, validationType }
      const events: ChangeEvent[] = [
        'started',
        'checks-passed',
        'keys-ready',
        'certificate-pending',
        'authority-failed',
        'retried',
        'certificate-issued-with-findings',
        'acknowledged',
      ]
      expect(run(facts, events).slice(2)).toEqual([
        'check-for-cert',
        'check-for-cert',
        'check-for-cert-error error',
        'check-for-cert',
        'wait-review-cert-warning awaiting-input',
        'create-slot-files',
      ])
    }
  })

  it('third-party takes another upload while the first is under review', () => {
    const facts: ChangeFacts = { ...DV, validationType: 'third-party' }
    const events: ChangeEvent[] = [
      'started',
      'checks-found',
      'acknowledged',
      'keys-ready',
      'uploaded',
      'upload-found',
    ]
    expect(run(facts, [...events, 'uploaded', 'upload-refused', 'uploaded', 'upload-verified'])).toEqual([
      'pre-verification-safety-checks',
      'wait-review-pre-verification-safety-checks awaiting-input',
      'generate-csr',
      'wait-upload-third-party awaiting-input',
      'verify-third-party-cert',
      'wait-review-third-party-cert awaiting-input',
      'verify-third-party-cert',
      'wait-upload-third-party awaiting-input',
      'verify-third-party-cert',
      'create-slot-files',
    ])
  })

  it('settings alone touch no CA', () => {
    const facts: ChangeFacts = { ...DV, action: 'network-only', changeManagement: true }
    const events: ChangeEvent[] = [
      'started',
      'checks-passed',
      'staging-deployed',
      'acknowledged',
      'production-deployed',
    ]
    expect(run(facts, events)).toEqual([
      'pre-verification-safety-checks',
      'deploy-changes-to-staging',
      'wait-ack-change-management awaiting-input',
      'deploy-cert-to-production',
      'complete completed',
    ])
  })

  it('a removal for later waits for its date, can be cancelled until then, and not after', () => {
    const facts: ChangeFacts = { ...DV, action: 'removal', changeManagement: true, window: 'ahead' }
    expect(run(facts, ['started', 'cancelled'])).toEqual([
      'wait-deployment-schedule suspended',
      'wait-deployment-schedule cancelled',
    ])
    const held: ChangeState = { status: 'wait-deployment-schedule', state: 'suspended' }
    const events: ChangeEvent[] = [
      'window-opened',
      'withdrawn',
      'cancelled',
      'signing-request-destroyed',
      'slots-abandoned',
    ]
    expect(run({ ...facts, window: 'open' }, events, held)).toEqual([
      'deprovision-cert',
      'delete-csr',
      'cancelled: cannot-cancel',
      'abandon-slots-action',
      'complete completed',
    ])
  })
})

describe('waiting before production', () => {
  const released: ChangeState = { status: 'wait-ack-change-management', state: 'awaiting-input' }
  const managed = { ...DV, changeManagement: true }

  it('freezes the content that an acknowledgement stands for', () => {
    const staging: ChangeState = { status: 'deploy-cert-to-staging', state: 'running' }
    expect(step(staging, 'staging-deployed', managed)).toMatchObject({
      ...released,
      effects: ['freeze-content'],
    })
  })

  it.each(['acknowledged', 'deadline-passed'] as const)('%s leads to production, or to its date', (event) => {
    expect(step(released, event, managed)).toMatchObject({
      status: 'deploy-cert-to-production',
      state: 'running',
    })
    const held = step(released, event, { ...managed, window: 'ahead' })
    expect(held).toMatchObject({ status: 'wait-deployment-schedule', state: 'suspended', effects: [] })
  })

  it('a window that has passed is an error until a new schedule (C8)', () => {
    const held: ChangeState = { status: 'wait-deployment-schedule', state: 'suspended' }
    const missed = step(held, 'window-closed', { ...DV, window: 'passed' })
    expect(missed).toMatchObject({ ok: true, status: 'wait-deployment-schedule', state: 'error' })
    const error: ChangeState = { ...held, state: 'error' }
    expect(step(error, 'retried', DV)).toMatchObject({ ok: false, code: 'illegal-transition' })
    expect(step(error, 'rescheduled', { ...DV, window: 'ahead' })).toMatchObject(held)
    expect(step(error, 'rescheduled', DV)).toMatchObject({
      status: 'deploy-cert-to-production',
      state: 'running',
    })
    expect(step(error, 'cancelled', DV)).toMatchObject({ state: 'cancelled' })
  })
})

describe('cancel (C10)', () => {
  const production: ChangeState = { status: 'deploy-cert-to-production', state: 'running' }

  it('is refused while production is being pushed to, with a reason for the caller', () => {
    expect(step(production, 'cancelled', DV)).toEqual({
      ok: false,
      code: 'cannot-cancel',
      from: production,
      on: 'cancelled',
      reason: 'The change is on its way to the production network.',
    })
  })

  it('is allowed once the push has failed, and puts both networks back', () => {
    const failed: ChangeState = { ...production, state: 'error' }
    expect(step(failed, 'cancelled', DV)).toEqual({
      ok: true,
      ...failed,
      state: 'cancelled',
      effects: ['restore-production', 'restore-staging', 'abandon-order', 'destroy-keys'],
    })
  })

  it.each(['cancelled', 'completed'] as const)('of a %s change finds nothing pending', (state) => {
    expect(step({ status: 'complete', state }, 'cancelled', DV)).toMatchObject({
      ok: false,
      code: 'not-pending',
    })
  })

  it('in domain validation gives up the order and destroys the keys', () => {
    const waiting: ChangeState = { status: 'coordinate-domain-validation', state: 'awaiting-input' }
    expect(step(waiting, 'cancelled', DV)).toMatchObject({ effects: ['abandon-order', 'destroy-keys'] })
    expect(step(waiting, 'denied', DV)).toMatchObject({ ok: false, code: 'illegal-transition' })
  })
})

const facts = fc.record({
  action: fc.constantFrom(...CHANGE_ACTIONS),
  validationType: fc.constantFrom('dv', 'ov', 'ev', 'third-party'),
  changeManagement: fc.boolean(),
  stagingBypass: fc.boolean(),
  window: fc.constantFrom('ahead', 'open', 'passed'),
} as const)

describe('step', () => {
  it('is a function of its arguments, for places that exist and places that do not', () => {
    const place = fc.record({
      status: fc.constantFrom(...CHANGE_STATUSES),
      state: fc.constantFrom(...CHANGE_STATES),
    })
    fc.assert(
      fc.property(place, fc.constantFrom(...CHANGE_EVENTS), facts, (current, event, given) => {
        const first = step(current, event, given)
        expect(step({ ...current }, event, { ...given })).toEqual(first)
        expect(eventsAt(current, given).includes(event)).toBe(first.ok)
        if (!isOpen(current)) expect(first).toMatchObject({ ok: false, code: 'not-pending' })
        if (!first.ok) expect(first).toMatchObject({ from: current, on: event })
      }),
      { numRuns: 2_000 },
    )
  })

  it('ends a change at most once, whatever comes in whatever order', () => {
    const events = fc.array(fc.constantFrom(...CHANGE_EVENTS), { maxLength: 200 })
    fc.assert(
      fc.property(facts, events, (given, happened) => {
        let current: ChangeState = INITIAL_STATE
        let ended = 0
        for (const event of ['started', ...happened] as const) {
          const next = step(current, event, given)
          if (!next.ok) continue
          current = { status: next.status, state: next.state }
          if (!isOpen(current)) ended += 1
        }
        expect(ended).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('the deployment window', () => {
  const [before, first, last, after] = [9, 10, 20, 21].map(instant)
  it.each([
    [before, 'ahead'],
    [first, 'open'],
    [last, 'open'],
    [after, 'passed'],
  ] as const)('from 10 to 20 at %s is %s', (now, expected) => {
    expect(deploymentWindow({ notBefore: instant(10), notAfter: instant(20) }, now ?? instant(0))).toBe(
      expected,
    )
  })

  it('without limits is always open', () => {
    expect(deploymentWindow({ notBefore: null, notAfter: null }, instant(0))).toBe('open')
  })
})
