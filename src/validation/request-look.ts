import type { CaaStanding, NameStanding } from '../domain/findings/request/request-facts.ts'
import type { CaaIdentity } from '../ports/certificate-authority.ts'
import type { CaaFact, NameFacts, NameLook } from '../ports/name-look.ts'
import type { RequestLook, RequestLookTarget } from '../ports/request-look.ts'

export interface RequestLookOptions {
  readonly names: NameLook
  /** How CAA records know the authority that is to sign; null: it heeds none. */
  readonly identityFor: (validationType: RequestLookTarget['validationType']) => Promise<CaaIdentity | null>
  /** The zone that names may delegate their challenges to; null: there is none. */
  readonly delegationZone: string | null
  /** Whether a DNS provider places the challenges of a name; null: there is no provider. */
  readonly isPlaced: ((name: string, signal: AbortSignal) => Promise<boolean>) | null
}

const METHODS = ['http-01', 'dns-01', 'tls-alpn-01']

/** What DNS says of a request's names, as the rules of pre-verification want it. */
export function createRequestLook(options: RequestLookOptions): RequestLook {
  return async (target, signal) => {
    const identity = await options.identityFor(target.validationType)
    const caa = {
      issuers: identity?.issuers ?? [],
      accountUri: identity?.accountUri ?? null,
      methods: METHODS,
    }
    const facts = await options.names.factsOf({ names: target.names, caa }, signal)
    return Promise.all(
      facts.map(async (fact) => standingOf(fact, identity, await needsNobody(options, fact, signal))),
    )
  }
}

/** Whether each renewal of the name is proven without anybody's help; null: there is no such way here, or nobody says. */
async function needsNobody(
  { delegationZone, isPlaced }: RequestLookOptions,
  { name, challengeAlias, isChallengeAnswered }: NameFacts,
  signal: AbortSignal,
): Promise<boolean | null> {
  if (delegationZone === null && isPlaced === null) return null
  if (delegationZone !== null && challengeAlias?.endsWith(`.${delegationZone}`) === true) return true
  if (isPlaced !== null && (await isPlaced(name, signal))) return true
  return isChallengeAnswered ? false : null
}

function standingOf(
  { name, host, caa }: NameFacts,
  identity: CaaIdentity | null,
  delegated: boolean | null,
): NameStanding {
  return {
    name,
    host: host === 'found' || host === 'no-address' ? 'known' : host,
    caa: identity === null ? null : caaStanding(caa, identity.issuers),
    delegated,
  }
}

function caaStanding(fact: CaaFact, configured: readonly string[]): CaaStanding {
  if (fact.outcome === 'none') return { outcome: 'allows' }
  if (fact.outcome === 'unanswered') return { outcome: 'failed' }
  const { verdict } = fact
  if (verdict.outcome === 'allowed') return { outcome: 'allows' }
  if (verdict.outcome === 'unknown-critical') return { outcome: 'unreadable' }
  return { outcome: 'forbids', issuers: verdict.outcome === 'forbidden' ? [] : verdict.issuers, configured }
}
