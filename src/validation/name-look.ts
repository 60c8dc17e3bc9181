import type { DnsResult, Resolver } from '../dns/resolver.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { NameFacts, NameLook, NameQuestion } from '../ports/name-look.ts'
import { lookUpCaa } from './caa-look.ts'

export interface NameLookOptions {
  readonly resolver: Resolver
  /** For all names of a question together. */
  readonly timeoutMs: number
}

const NAMES_AT_ONCE = 8

/** What DNS says of the names of a request: read-only, through the resolver that validation asks. */
export function createNameLook({ resolver, timeoutMs }: NameLookOptions): NameLook {
  return {
    factsOf: (question, signal) =>
      withinTime(timeoutMs, signal, async (limited) => {
        const facts: NameFacts[] = []
        for (let at = 0; at < question.names.length; at += NAMES_AT_ONCE) {
          const batch = question.names.slice(at, at + NAMES_AT_ONCE)
          facts.push(...(await Promise.all(batch.map((name) => factsOf(resolver, name, question, limited)))))
        }
        return facts
      }),
  }
}

async function factsOf(
  resolver: Resolver,
  name: string,
  { caa }: NameQuestion,
  signal: AbortSignal,
): Promise<NameFacts> {
  const isWildcard = name.startsWith('*.')
  const base = isWildcard ? name.slice(2) : name
  const [six, four, challenge, caaFact] = await Promise.all([
    resolver.query(base, 'AAAA', signal),
    resolver.query(base, 'A', signal),
    resolver.query(`_acme-challenge.${base}`, 'CNAME', signal),
    lookUpCaa(resolver, base, { ...caa, isWildcard }, signal),
  ])
  const addresses = [six, four].flatMap((result) => (result.outcome === 'records' ? result.records : []))
  return {
    name,
    ...hostOf(addresses, four),
    addresses,
    alias: aliasOf(base, four) ?? aliasOf(base, six),
    challengeAlias: challenge.outcome === 'records' ? (challenge.records[0] ?? null) : null,
    isChallengeAnswered: challenge.outcome !== 'timeout' && challenge.outcome !== 'servfail',
    caa: caaFact,
  }
}

function hostOf(addresses: readonly string[], four: DnsResult<'A'>): Pick<NameFacts, 'host' | 'failure'> {
  if (addresses.length > 0) return { host: 'found', failure: null }
  if (four.outcome === 'servfail') return { host: 'failed', failure: four.code }
  if (four.outcome === 'timeout') return { host: 'timeout', failure: null }
  return { host: four.outcome === 'nxdomain' ? 'unknown' : 'no-address', failure: null }
}

const aliasOf = (base: string, result: DnsResult<'A' | 'AAAA'>): string | null =>
  'name' in result && result.name !== base ? result.name : null
