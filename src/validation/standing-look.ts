import type { DnsResult, Resolver } from '../dns/resolver.ts'
import type { NameStanding } from '../domain/findings/request/request-facts.ts'
import type { NameSight } from '../domain/validation/name-standing.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { LookResult } from '../ports/challenge-look.ts'
import type { RequestLook } from '../ports/request-look.ts'
import type { StandingLook, StandingQuestion } from '../ports/standing-look.ts'

export interface StandingLookOptions {
  readonly requestLook: RequestLook
  readonly resolver: Pick<Resolver, 'query'>
  /** Whether the challenge path of a name leads to our edges; null: they answer none here. */
  readonly lookForEdges: ((name: string, signal: AbortSignal) => Promise<LookResult>) | null
  /** Whether there is a zone of ours to alias into, or a DNS provider. */
  readonly hasAliases: boolean
  /** By which a zone that is kept with us is delegated to us. Canonical. */
  readonly zoneNameServers: readonly string[]
  /** For all names of one look together. */
  readonly timeoutMs: number
}

const NAMES_AT_ONCE = 8

/** What a CA would meet at each name, before anything is ordered for it. */
export function createStandingLook(options: StandingLookOptions): StandingLook {
  const { requestLook, timeoutMs } = options
  return (questions, signal) =>
    withinTime(timeoutMs, signal, async (limited) => {
      const names = questions.map(({ name }) => name)
      const standings = await requestLook({ names, validationType: 'dv' }, limited)
      const sights: NameSight[] = []
      for (let at = 0; at < standings.length; at += NAMES_AT_ONCE) {
        const batch = standings.slice(at, at + NAMES_AT_ONCE)
        const looks = batch.map((standing, index) =>
          sightOf(options, standing, questions[at + index], limited),
        )
        sights.push(...(await Promise.all(looks)))
      }
      return sights
    })
}

async function sightOf(
  { lookForEdges, hasAliases, resolver, zoneNameServers }: StandingLookOptions,
  { name, host, caa, delegated }: NameStanding,
  question: StandingQuestion | undefined,
  signal: AbortSignal,
): Promise<NameSight> {
  // A wildcard has dns-01 alone, and what DNS does not know has no address.
  const hasPath = lookForEdges !== null && !name.startsWith('*.')
  const zone = question?.zone ?? null
  const [edges, servers] = await Promise.all([
    hasPath && host !== 'unknown' ? lookForEdges(name, signal) : null,
    zone === null || delegated === true ? null : resolver.query(zone, 'NS', signal),
  ])
  const aliased = delegated === null ? 'open' : delegated ? 'stands' : 'gone'
  return {
    name,
    host: host ?? 'failed',
    caa,
    ways: {
      ...(hasPath ? { edges: wayOf(edges) } : {}),
      ...(servers !== null
        ? { dns: ofZone(servers, zoneNameServers, hasAliases ? aliased : 'gone') }
        : hasAliases
          ? { dns: aliased }
          : {}),
    },
    instead: edges === null || edges.found ? null : edges.error,
  }
}

type Seen = 'stands' | 'gone' | 'open'

const wayOf = (edges: LookResult | null): Seen =>
  edges === null ? 'gone' : edges.found ? 'stands' : edges.isUnclear === true ? 'open' : 'gone'

/** A zone is answered by us where its delegation names us; else what holds of aliases does. */
function ofZone(servers: DnsResult<'NS'>, ours: readonly string[], otherwise: Seen): Seen {
  if (servers.outcome === 'timeout' || servers.outcome === 'servfail') return 'open'
  return servers.outcome === 'records' && servers.records.some((server) => ours.includes(server))
    ? 'stands'
    : otherwise
}
