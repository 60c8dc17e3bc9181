import { createHash } from 'node:crypto'
import type { Resolver } from '../dns/resolver.ts'
import type { LookResult, LookTarget } from '../ports/challenge-look.ts'

const SHOWN_VALUES = 3
const SHOWN_OCTETS = 80

/** RFC 8555 section 8.4: the value of the TXT record for a key authorization. */
export const dnsChallengeValue = (keyAuthorization: string): string =>
  createHash('sha256').update(keyAuthorization).digest('base64url')

/** RFC 8555 section 8.4: any of the TXT values at `_acme-challenge.NAME` may be the one. Aliases are followed. */
export async function lookByDns(
  resolver: Resolver,
  target: LookTarget,
  signal: AbortSignal,
): Promise<LookResult> {
  const base = target.identifier.startsWith('*.') ? target.identifier.slice(2) : target.identifier
  const owner = `_acme-challenge.${base}`
  const result = await resolver.query(owner, 'TXT', signal)
  if (result.outcome !== 'records')
    return { found: false, error: `${owner} has no TXT record: ${reasonOf(result)}.`, records: [] }
  if (result.records.includes(dnsChallengeValue(target.keyAuthorization)))
    return { found: true, error: null, records: [] }
  const shown = result.records
    .slice(0, SHOWN_VALUES)
    .map((value) => JSON.stringify(value.slice(0, SHOWN_OCTETS)))
  return { found: false, error: `${owner} has other TXT values: ${shown.join(', ')}.`, records: [] }
}

const reasonOf = (result: { readonly outcome: string; readonly code?: string }): string =>
  result.code === undefined ? result.outcome : `${result.outcome} (${result.code})`
