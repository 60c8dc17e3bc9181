/** What the watchdog thinks, the best first, with the exit codes that monitoring plugins have (monitoring-plugins.org, Plugin Return Codes). */
export const CHECK_STATES = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const

export type CheckState = keyof typeof CHECK_STATES

/** What is known to be bad goes before what is not known. */
const WORST_FIRST: readonly CheckState[] = ['critical', 'warning', 'unknown', 'ok']

export const bySeverity = (one: { state: CheckState }, other: { state: CheckState }): number =>
  WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state)

export const worstOf = (states: readonly CheckState[]): CheckState =>
  WORST_FIRST.find((state) => states.includes(state)) ?? 'unknown'
