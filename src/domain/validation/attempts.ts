/** What one connection or question of a look came to; members of the CPS API's validation records. */
export interface AttemptRecord {
  readonly hostname: string
  readonly port: string
  readonly url: string
  readonly authorities: readonly string[]
  readonly resolvedIp: readonly string[]
  readonly triedIp: string
  readonly usedIp: string
}

/** A look has at most 16 addresses with 11 hops each; what is beyond is many different failures of one name. */
const KEPT_RECORDS = 500

/**
 * Every attempt is kept; one that saw just what the one before saw is not written twice, since looks go on for weeks and each of them rewrites the row.
 */
export function withAttempt<T extends AttemptRecord>(kept: readonly T[], seen: readonly T[]): readonly T[] {
  const before = kept.slice(kept.length - seen.length)
  const isRepeat =
    before.length === seen.length &&
    seen.every((record, at) => textOf(record) === textOf(before[at] as AttemptRecord))
  return isRepeat ? kept : [...kept, ...seen].slice(-KEPT_RECORDS)
}

const textOf = ({ hostname, port, url, authorities, resolvedIp, triedIp, usedIp }: AttemptRecord): string =>
  JSON.stringify([hostname, port, url, authorities, resolvedIp, triedIp, usedIp])
