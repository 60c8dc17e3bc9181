import type { CaaStanding, NameStanding } from '../findings/request/request-facts.ts'
import { DAY, HOUR, type Instant, later, plus } from '../time.ts'
import type { Validity } from '../renewal/renewal-start.ts'

/** How a name is proven at each renewal without anybody's help: its challenge path leads to our edges, or its value is placed by us (an alias, a DNS provider, a zone kept with us). */
export type Way = 'edges' | 'dns'

/** What one look saw of a name, from where we are. */
export interface NameSight {
  /** Canonical, `*.` kept. */
  readonly name: string
  readonly host: NonNullable<NameStanding['host']>
  /** Null: no CA of ours heeds CAA. */
  readonly caa: CaaStanding | null
  /** `open`: nobody could say. Absent: there is no such way here. */
  readonly ways: Readonly<Partial<Record<Way, 'stands' | 'gone' | 'open'>>>
  /** What was there instead of our edges, in a sentence; null: nothing to say. */
  readonly instead: string | null
}

/** A renewal would fail at such a name, or need somebody who places a value. */
export const FAULT_REASONS = ['led-elsewhere', 'unknown-name', 'issuer-not-allowed', 'no-answer'] as const

export interface NameFault {
  readonly reason: (typeof FAULT_REASONS)[number]
  /** Sentences: the name and what was seen. */
  readonly text: string
}

/** What is known of a name from the looks so far. */
export interface KnownName {
  readonly name: string
  /** The ways that stood when one last did. What never stood cannot be lost: somebody places a value each time. */
  readonly stood: readonly Way[]
  /** DNS knew it at some look. */
  readonly wasKnown: boolean
  /** Of the last look; null: nothing is wrong. */
  readonly fault: NameFault | null
  /** In how many looks one after the other something was wrong. */
  readonly looks: number
  /** Of the first of these; null: nothing is wrong. */
  readonly since: Instant | null
}

/** One look may meet a moment between two states of a zone or a server; two, an hour apart, do not. */
export const CONFIRMED_LOOKS = 2
const CONFIRMS_AFTER_MS = HOUR
/** So that what was mended is not told of for a day. */
const LOST_EVERY_MS = 6 * HOUR
const EVERY_MS = DAY
/** Of the lifetime, before the renewal begins: nine days of ninety, the time in which somebody gets a record changed. */
const AHEAD_SHARE = 1 / 10

export const isLost = ({ fault, looks }: Pick<KnownName, 'fault' | 'looks'>): boolean =>
  fault !== null && looks >= CONFIRMED_LOOKS

/** Pure: what is known after a look. `before` undefined: none was made since the name was last proven. */
export function standingAfter(before: KnownName | undefined, sight: NameSight, now: Instant): KnownName {
  const stands = (['edges', 'dns'] as const).filter((way) => sight.ways[way] === 'stands')
  const fault = faultOf(before, sight, stands)
  return {
    name: sight.name,
    stood: stands.length > 0 ? stands : (before?.stood ?? []),
    wasKnown: sight.host === 'known' || before?.wasKnown === true,
    fault,
    looks: fault === null ? 0 : (before?.looks ?? 0) + 1,
    since: fault === null ? null : (before?.since ?? now),
  }
}

function faultOf(before: KnownName | undefined, sight: NameSight, stands: readonly Way[]): NameFault | null {
  const { name, caa } = sight
  if (caa !== null && caa.outcome !== 'allows' && caa.outcome !== 'failed')
    return { reason: 'issuer-not-allowed', text: issuerText(name, caa) }
  if (sight.host === 'unknown' && before?.wasKnown === true && stands.length === 0)
    return { reason: 'unknown-name', text: `DNS does not know ${name} any more.` }
  const lost = stands.length > 0 ? [] : (before?.stood ?? []).filter((way) => way in sight.ways)
  const isOpen = lost.some((way) => sight.ways[way] === 'open')
  if (lost.length > 0 && !isOpen)
    return { reason: 'led-elsewhere', text: lost.map((way) => lostText(way, sight)).join(' ') }
  if (isOpen || caa?.outcome === 'failed') return { reason: 'no-answer', text: silenceText(sight, isOpen) }
  return null
}

function issuerText(name: string, caa: Exclude<CaaStanding, { outcome: 'allows' | 'failed' }>): string {
  if (caa.outcome === 'unreadable') return `${name} has CAA records that nobody can read.`
  const us = caa.configured.join(' or ')
  if (caa.issuers.length === 0) return `The CAA records of ${name} allow no certificate authority.`
  return caa.issuers.some((issuer) => caa.configured.includes(issuer))
    ? `The CAA records of ${name} allow ${us} for another account or by other methods alone.`
    : `The CAA records of ${name} allow ${caa.issuers.join(', ')}, not ${us}.`
}

const bare = (name: string): string => name.replace(/^\*\./, '')

const lostText = (way: Way, { name, instead }: NameSight): string =>
  way === 'edges'
    ? `${name} led to our edges and does not any more${instead === null ? '.' : `: ${instead}`}`
    : `_acme-challenge.${bare(name)} led to where we place values, and does not any more.`

function silenceText({ name, host, instead }: NameSight, isOpen: boolean): string {
  if (isOpen && instead !== null) return `${name} cannot be reached as a CA would reach it: ${instead}`
  if (host === 'timeout' || host === 'failed') return `The name servers of ${name} do not answer.`
  return isOpen
    ? `Nobody answers where ${name} was proven.`
    : `The CAA records of ${name} could not be looked up, which a CA takes for a refusal.`
}

/** What somebody can do about it. */
export const ACTS: Readonly<Record<NameFault['reason'], string>> = {
  'led-elsewhere':
    'Lead it back, place an alias (docs/validation.md), or be there to place a value when the renewal begins.',
  'unknown-name': 'Bring the name back into DNS, or take it out of the enrollment.',
  'issuer-not-allowed': 'Change the CAA records, or take the name out of the enrollment.',
  'no-answer': 'Look at the name servers of its zone, and at the way from here to them.',
}

/**
 * When the names are looked at next; null: not by time. `begin`: of the renewal; null: it has begun, and its change looks itself. The first look is soon after the
 * names were proven, since what stood then is what can be lost.
 */
export function nextNameLook(
  names: readonly KnownName[],
  { begin, live, now }: { readonly begin: Instant | null; readonly live: Validity; readonly now: Instant },
): Instant | null {
  if (names.some((known) => known.fault !== null && !isLost(known))) return plus(now, CONFIRMS_AFTER_MS)
  if (names.some(isLost)) return plus(now, LOST_EVERY_MS)
  if (begin === null) return null
  const ahead = plus(begin, -Math.ceil((live.notAfter - live.notBefore) * AHEAD_SHARE))
  return later(plus(now, EVERY_MS), ahead)
}
