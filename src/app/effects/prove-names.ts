import type { Change } from '../../domain/change/change.ts'
import { nextRetryDelay } from '../../domain/change/retry.ts'
import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { restAfterRefusals } from '../../domain/validation/preflight.ts'
import { Problem } from '../../errors/problem.ts'
import type { Authorization, CertificateAuthority } from '../../ports/certificate-authority.ts'
import type { NameValidationRecord } from '../../ports/validations.ts'
import { openOrder, orderRequest } from '../orders.ts'
import type { EffectContext } from './outcome.ts'

const NAMES_AT_ONCE = 8

/** `refused`: the CA refused the order as such. `pending`: it is not done with its looks. */
export type Proof =
  | { readonly kind: 'proven' | 'pending' }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * OV and EV: orders, and proves at our own HTTP port and DNS responder whatever names the CA does not take as proven with the organisation. CPS shows no
 * challenges for them, so nobody else could. A name that the CA could not validate is proven anew by itself: this process may have died while the CA looked at it,
 * and nobody can place another value. Throws `Problem('authority-refused')` then, with the time that the name rests.
 */
export async function proveNames(context: EffectContext, authority: CertificateAuthority): Promise<Proof> {
  const { locked, change } = context
  const request = await orderRequest(locked.read, change, requestedNames(change.settings))
  const order = await openOrder(authority, request)
  const open = order.authorizations.filter(({ status }) => status === 'pending')
  if (order.status === 'invalid') return { kind: 'refused', reason: order.error ?? 'The order failed.' }
  if (open.length === 0) return { kind: 'proven' }
  const now = context.deps.clocks.lifecycle.now()
  await locked.read.validations.save(open.map((one) => recordOf(context, one, now)))
  await locked.read.validations.setPublished(change.id, true)
  const verdicts: Verdict[] = []
  for (let start = 0; start < open.length; start += NAMES_AT_ONCE) {
    const batch = open.slice(start, start + NAMES_AT_ONCE)
    verdicts.push(...(await Promise.all(batch.map((one) => prove(context, authority, one)))))
  }
  const failed = verdicts.flatMap(({ failure }) => (failure === null ? [] : [failure]))
  if (failed.length === 0 && verdicts.some(({ isPending }) => isPending)) return { kind: 'pending' }
  await locked.read.validations.setPublished(change.id, false)
  if (failed.length > 0) throw notValidated(failed, change)
  return { kind: 'proven' }
}

interface Verdict {
  readonly isPending: boolean
  /** Null: none so far. */
  readonly failure: string | null
}

async function prove(
  { change, signal }: EffectContext,
  authority: CertificateAuthority,
  { identifier, challenges }: Authorization,
): Promise<Verdict> {
  const challenge = challenges.find(({ type }) => type === 'http-01') ?? challenges[0]
  if (challenge === undefined) return failedBy(`${identifier}: it offers no challenge that Certrail knows.`)
  const verdict = await authority.respond(change.id, identifier, challenge.type, signal)
  // Of what no look of the CA ended (it expired, or the CA forgot it) the next run finds a dead order, and orders anew.
  if (verdict.status !== 'invalid') return { isPending: verdict.status !== 'valid', failure: null }
  const why = verdict.challenges.find(({ error }) => error !== null)?.error
  return failedBy(`${identifier}: ${why ?? 'it does not say why.'}`)
}

const failedBy = (failure: string): Verdict => ({ isPending: false, failure })

/** The name rests as one of a DV change does. Past the table of retries it is left to a person, as loudly as any other step. */
function notValidated(failed: readonly string[], { progress }: Change): Problem {
  const usual = nextRetryDelay(progress.attempts + 1)
  const rest = restAfterRefusals(progress.attempts)
  return new Problem('authority-refused', {
    detail: `The certificate authority could not validate ${failed.join('; ')}`,
    ...(usual !== null && rest > usual ? { retryAfterSeconds: rest / SECOND } : {}),
  })
}

const recordOf = (
  { change }: EffectContext,
  { identifier, challenges, expires }: Authorization,
  now: Instant,
): NameValidationRecord => ({
  changeId: change.id,
  enrollmentId: change.enrollmentId,
  accountId: change.accountId,
  domain: identifier,
  generation: 1,
  status: 'awaiting',
  error: null,
  challenges: challenges.map(({ type, token, keyAuthorization }) => ({
    type,
    token,
    keyAuthorization,
    status: 'pending',
    error: null,
    records: [],
  })),
  published: true,
  requestedAt: now,
  validatedAt: null,
  expiresAt: expires,
})
