import { createHash } from 'node:crypto'
import type { DnsResult } from '../dns/resolver.ts'
import type { LookResult, LookTarget, ValidationRecord } from '../ports/challenge-look.ts'
import {
  askAllAuthorities,
  type AuthoritativeOptions,
  type ServerAnswer,
  shownServer,
} from './authoritative.ts'

const SHOWN_VALUES = 3
const SHOWN_OCTETS = 80
const SHOWN_SERVERS = 4

/** RFC 8555 section 8.4: the value of the TXT record for a key authorization. */
export const dnsChallengeValue = (keyAuthorization: string): string =>
  createHash('sha256').update(keyAuthorization).digest('base64url')

/**
 * RFC 8555 section 8.4: any of the TXT values at `_acme-challenge.NAME` may be the one. Aliases are followed. Asked twice: through the resolver, which
 * sees what a CA sees (a broken chain of DNSSEC is its SERVFAIL), and at all authoritative servers, which says whether the value has arrived everywhere.
 */
export async function lookByDns(
  options: AuthoritativeOptions,
  target: LookTarget,
  signal: AbortSignal,
): Promise<LookResult> {
  const base = target.identifier.startsWith('*.') ? target.identifier.slice(2) : target.identifier
  const owner = `_acme-challenge.${base}`
  const value = dnsChallengeValue(target.keyAuthorization)
  const resolved = await options.resolver.query(owner, 'TXT', signal)
  if (resolved.outcome === 'servfail' || resolved.outcome === 'timeout') {
    const error = `${owner} has no TXT record: ${dnsReason(resolved)}.`
    return { found: false, error, records: [], isUnclear: true }
  }
  const answers = await askAllAuthorities(options, resolved.name, signal)
  const records = answers.map((answer) => recordOf(owner, answer, answers))
  const heard = answers.filter(({ result }) => result.outcome !== 'servfail' && result.outcome !== 'timeout')
  // What the resolver still keeps of a name that had no value a minute ago is no CA's concern: the zone's own servers decide, where they can be asked.
  if (heard.length === 0) return { ...judged(owner, value, resolved), records }
  const lacking = heard.filter(({ result }) => !holds(result, value))
  if (lacking.length === 0) return { found: true, error: null, records }
  const told = lacking
    .slice(0, SHOWN_SERVERS)
    .map((answer) => `at ${shownServer(answer)} ${judged(owner, value, answer.result).error ?? owner}`)
  const among = lacking.length < heard.length ? `${lacking.length} of ${heard.length} servers lack it: ` : ''
  return { found: false, error: `${among}${told.join(' ')}`, records }
}

const holds = (result: DnsResult<'TXT'>, value: string): boolean =>
  result.outcome === 'records' && result.records.includes(value)

function judged(owner: string, value: string, result: DnsResult<'TXT'>): LookResult {
  if (holds(result, value)) return { found: true, error: null, records: [] }
  if (result.outcome !== 'records')
    return { found: false, error: `${owner} has no TXT record: ${dnsReason(result)}.`, records: [] }
  const shown = result.records
    .slice(0, SHOWN_VALUES)
    .map((each) => JSON.stringify(each.slice(0, SHOWN_OCTETS)))
  return { found: false, error: `${owner} has other TXT values: ${shown.join(', ')}.`, records: [] }
}

/** The wire's record speaks of HTTP; of DNS it keeps which server was asked and whether it answered. */
function recordOf(owner: string, answer: ServerAnswer, all: readonly ServerAnswer[]): ValidationRecord {
  const isHeard = answer.result.outcome !== 'timeout' && answer.result.outcome !== 'servfail'
  return {
    hostname: owner,
    port: '53',
    url: '',
    authorities: [...new Set(all.map(({ server }) => server))],
    resolvedIp: all.map(({ address }) => address),
    triedIp: answer.address,
    usedIp: isHeard ? answer.address : '',
  }
}

/** Of an answer without records, for people. */
export const dnsReason = (result: { readonly outcome: string; readonly code?: string }): string =>
  result.code === undefined ? result.outcome : `${result.outcome} (${result.code})`
