import { requestedNames } from '../../domain/enrollment/served-names.ts'
import type { Instant } from '../../domain/time.ts'
import type { Authorization, CertificateAuthority } from '../../ports/certificate-authority.ts'
import type { NameValidationRecord } from '../../ports/validations.ts'
import { openOrder, orderRequest } from '../orders.ts'
import type { EffectContext } from './outcome.ts'

const NAMES_AT_ONCE = 8

/**
 * OV and EV: orders, and proves at our own HTTP port and DNS responder whatever names the CA does not take as proven with the organisation. CPS shows no
 * challenges for them, so nobody else could. Null: the order can be finalized; else a sentence that says why not.
 */
export async function proveNames(
  context: EffectContext,
  authority: CertificateAuthority,
): Promise<string | null> {
  const { locked, change } = context
  const request = await orderRequest(locked.read, change, requestedNames(change.settings))
  const order = await openOrder(authority, request)
  const open = order.authorizations.filter(({ status }) => status === 'pending')
  if (order.status === 'invalid') return order.error ?? 'The order failed.'
  if (open.length === 0) return null
  const now = context.deps.clocks.lifecycle.now()
  await locked.read.validations.save(open.map((one) => recordOf(context, one, now)))
  await locked.read.validations.setPublished(change.id, true)
  const failed: string[] = []
  for (let start = 0; start < open.length; start += NAMES_AT_ONCE) {
    const batch = open.slice(start, start + NAMES_AT_ONCE)
    failed.push(...(await Promise.all(batch.map((one) => prove(context, authority, one)))).flat())
  }
  await locked.read.validations.setPublished(change.id, false)
  return failed.length === 0 ? null : `The certificate authority could not validate ${failed.join('; ')}`
}

/** Empty: proven. */
async function prove(
  { change, signal }: EffectContext,
  authority: CertificateAuthority,
  { identifier, challenges }: Authorization,
): Promise<readonly string[]> {
  const challenge = challenges.find(({ type }) => type === 'http-01') ?? challenges[0]
  if (challenge === undefined) return [`${identifier}: it offers no challenge that Certrail knows.`]
  const verdict = await authority.respond(change.id, identifier, challenge.type, signal)
  if (verdict.status === 'valid') return []
  const why = verdict.challenges.find(({ error }) => error !== null)?.error
  return [`${identifier}: ${why ?? `its authorization is ${verdict.status}.`}`]
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
