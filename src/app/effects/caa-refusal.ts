import { caaRefusalText } from '../../domain/validation/caa-text.ts'
import { offeredUnseenAt, preflightOf } from '../../domain/validation/preflight.ts'
import type { Instant } from '../../domain/time.ts'
import type { ChallengeType } from '../../ports/certificate-authority.ts'
import type { NameValidationRecord } from '../../ports/validations.ts'
import { authorityOf } from '../orders.ts'
import type { EffectContext } from './outcome.ts'

export interface CaaRefusal {
  readonly error: string
  /** From when on the CA is asked all the same; null: never. */
  readonly until: Instant | null
}

/** Why the CA would refuse the name for its CAA records (RFC 8659; a missing answer is a refusal); null: it would not, or the look is not wanted. */
export async function caaRefusal(
  { deps, change, signal }: EffectContext,
  record: NameValidationRecord,
  method: ChallengeType,
): Promise<CaaRefusal | null> {
  const preflight = preflightOf(deps.validationPolicy.preflight, record.accountId)
  const identity = (await authorityOf(deps, change).caaIdentity?.(change.id)) ?? null
  if (identity === null || identity.issuers.length === 0 || preflight === 'off') return null
  const question = { names: [record.domain], caa: { ...identity, methods: [method] } }
  const [facts] = await deps.nameLook.factsOf(question, signal)
  const error = facts === undefined ? null : refusalOf(facts.caa, identity.issuers)
  if (error === null) return null
  const claim = { claim: 'seen', at: record.requestedAt } as const
  return { error, until: offeredUnseenAt(preflight, claim, 'caa') }
}

type Fact = Awaited<ReturnType<EffectContext['deps']['nameLook']['factsOf']>>[number]['caa']

function refusalOf(fact: Fact, issuers: readonly string[]): string | null {
  if (fact.outcome === 'none') return null
  if (fact.outcome === 'judged') return caaRefusalText(fact.at, fact.verdict, issuers)
  return `The CAA records of ${fact.at} could not be looked up (${fact.reason}), which a certificate authority takes for a refusal.`
}
