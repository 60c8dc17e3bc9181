/** contract.md, Own API: more counts as this many. */
export const LONGEST_WAIT_SECONDS = 50

/** RFC 7240 section 4.3: the seconds of `Prefer: wait=N` that will be honoured; null when there is no such wish, or none that can be read. */
export function waitSeconds(prefer: string | null): number | null {
  const wishes = (prefer ?? '')
    .split(',')
    .map((wish) => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(wish)?.[1])
  const first = wishes.find((wish) => wish !== undefined)
  return first === undefined ? null : Math.min(Number(first), LONGEST_WAIT_SECONDS)
}
