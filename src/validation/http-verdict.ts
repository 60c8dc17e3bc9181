import { isIPv6 } from 'node:net'
import type { LookResult, ValidationRecord } from '../ports/challenge-look.ts'

/** What one address of a name answered, redirects followed. */
export interface AddressLook {
  readonly address: string
  /** `other`: something answered, and not with the token. `unreached`: nothing did. */
  readonly outcome: 'found' | 'other' | 'unreached'
  /** Null when found. */
  readonly error: string | null
  readonly records: readonly ValidationRecord[]
  /** Which of our own HTTP ports answered; null: somebody else's. */
  readonly edge: string | null
}

/**
 * What the looks at all addresses come to. A CA goes to an IPv6 address first and to an IPv4 one only when it cannot connect (Let's Encrypt), from several
 * places (BR section 3.2.2.9), so one address that answers otherwise is enough to fail. An IPv6 address that cannot be reached is forgiven where IPv4 works;
 * an IPv4 one has nothing to fall back on.
 */
export function httpVerdict(
  hostname: string,
  looks: readonly AddressLook[],
  has = 'have the token',
): LookResult {
  const records = looks.flatMap((look) => look.records)
  const others = looks.filter(({ outcome }) => outcome === 'other')
  const found = looks.filter(({ outcome }) => outcome === 'found')
  const unreached = looks.filter(({ outcome }) => outcome === 'unreached')
  const dead = found.some(({ address }) => !isIPv6(address))
    ? unreached.filter(({ address }) => !isIPv6(address))
    : unreached
  const failed = [...others, ...dead]
  const edges = [...new Set(found.map(({ edge }) => edge).filter((edge) => edge !== null))]
  if (failed.length === 0 && found.length > 0) return { found: true, error: null, records, edges }
  const among = found.length > 0 ? `${found.length} of ${looks.length} addresses ${has}; ` : ''
  const told = failed.map(({ error }) => error ?? hostname).slice(0, SHOWN_ADDRESSES)
  return {
    found: false,
    error: `${among}${told.join(' ')}`,
    records,
    edges,
    ...(others.length === 0 ? { isUnclear: true } : {}),
  }
}

const SHOWN_ADDRESSES = 4
