import { MINUTE, SECOND } from '../time.ts'

/**
 * Our own looks at the open names of a DV change (spec: behaviour C12). Close together at first, for pipelines that place the value
 * within seconds, then at a pace that harms nobody's DNS. Lifecycle clock.
 */
export const RECHECK_WAITS = [
  { waitMs: 0, reason: 'the value may stand there already' },
  { waitMs: 5 * SECOND, reason: 'a pipeline places it at once' },
  { waitMs: 30 * SECOND, reason: 'a zone is being signed and transferred' },
  { waitMs: 2 * MINUTE, reason: 'a person follows the instructions' },
] as const

export const STEADY_RECHECK_MS = 10 * MINUTE

/** Milliseconds to wait before the next look, after `looks` of them. Never ends: the change does. */
export function recheckDelay(looks: number): number {
  return RECHECK_WAITS[looks]?.waitMs ?? STEADY_RECHECK_MS
}
