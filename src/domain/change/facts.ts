import type { ValidationType } from '../enrollment/enrollment.ts'
import type { Instant } from '../time.ts'
import type { Change } from './change.ts'
import type { ChangeAction } from './vocabulary.ts'

/** `ahead`: not yet `notBefore`; `passed`: `notAfter` is over. CPS API: DeploymentSchedule (spec: behaviour C8). */
export type DeploymentWindow = 'ahead' | 'open' | 'passed'

/** What a transition may depend on besides state and event. */
export interface ChangeFacts {
  readonly action: ChangeAction
  readonly validationType: ValidationType
  /** Of the settings that the change brings. */
  readonly changeManagement: boolean
  /** `allow-staging-bypass` of the request that made the change. */
  readonly stagingBypass: boolean
  /** At the moment of the event. */
  readonly window: DeploymentWindow
}

const ISSUING: readonly ChangeAction[] = ['new-certificate', 'modify-san', 'modify-certificate', 'renewal']

export const changesCertificate = ({ action }: { readonly action: ChangeAction }): boolean =>
  ISSUING.includes(action)
const isIssuing = (facts: ChangeFacts): boolean => changesCertificate(facts)
/** Brings what is live another certificate of the same; of a third-party enrollment only somebody's upload can, and a renewal would wait for another one. */
export const renewsItself = ({ action, settings }: Pick<Change, 'action' | 'settings'>): boolean =>
  action === 'renewal' ||
  (settings.validationType === 'third-party' && (action === 'modify-san' || action === 'modify-certificate'))

/** Bypass wins over change management: what skips staging has nothing to be looked at there (spec: behaviour C6.4). */
const isReleasedByHand = (facts: ChangeFacts): boolean => facts.changeManagement && !facts.stagingBypass

export const GUARDS = {
  'issues-certificate': isIssuing,
  'changes-network-only': (facts) => facts.action === 'network-only',
  'is-removal': (facts) => facts.action === 'removal',
  'is-no-removal': (facts) => facts.action !== 'removal',
  'is-renewal': (facts) => facts.action === 'renewal',
  dv: (facts) => isIssuing(facts) && facts.validationType === 'dv',
  'ov-or-ev': (facts) => isIssuing(facts) && (facts.validationType === 'ov' || facts.validationType === 'ev'),
  'third-party': (facts) => isIssuing(facts) && facts.validationType === 'third-party',
  'ca-issued': (facts) => isIssuing(facts) && facts.validationType !== 'third-party',
  'staging-first': (facts) => !facts.stagingBypass,
  'staging-bypassed': (facts) => facts.stagingBypass,
  'change-management': isReleasedByHand,
  'no-change-management': (facts) => !isReleasedByHand(facts),
  'window-ahead': (facts) => facts.window === 'ahead',
  'window-open': (facts) => facts.window === 'open',
  'window-passed': (facts) => facts.window === 'passed',
} as const satisfies Record<string, (facts: ChangeFacts) => boolean>

export type GuardName = keyof typeof GUARDS

/** `notBefore` and `notAfter` belong to the window. Null: no limit on that side. */
export function deploymentWindow(
  schedule: { readonly notBefore: Instant | null; readonly notAfter: Instant | null },
  now: Instant,
): DeploymentWindow {
  if (schedule.notAfter !== null && now > schedule.notAfter) return 'passed'
  return schedule.notBefore !== null && now < schedule.notBefore ? 'ahead' : 'open'
}
