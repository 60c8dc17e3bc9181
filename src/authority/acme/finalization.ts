import { type Instant, plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import { pemBlocks } from '../../pki/pem.ts'
import type { Finalization } from '../../ports/certificate-authority.ts'
import type { OrderRecord } from './books.ts'
import { downloadCertificate } from './certificate.ts'
import { type Desk, isGone, waitingOf } from './desk.ts'
import { type AcmeOrder, finalizeOrder, getOrder } from './order.ts'
import { LOST, lookUp, otherProfile, whyInvalid } from './order-view.ts'
import { isLongWait, poll, type Polled } from './poll.ts'
import { AcmeRefusal, isFaultOfServer, sentenceOf } from './problem.ts'
import { retryAfter } from './retry-after.ts'
import type { AcmeSession } from './session.ts'

/** (3) and (4). An answer beyond all bounds, or a refusal at the end, ends the order; what may pass is thrown on. */
export async function finalize(
  record: OrderRecord,
  signingRequestPem: string,
  desk: Desk,
): Promise<Finalization> {
  try {
    return await finalizeOpen(record, signingRequestPem, desk)
  } catch (error) {
    if (error instanceof AcmeRefusal) {
      if ((await lookUp(record, desk)) === null) return { status: 'lost', reason: LOST }
      await desk.deps.books.saveOrder({ ...record, problem: error.problem })
      return { status: 'refused', reason: sentenceOf(error.problem) }
    }
    if (error instanceof Problem && error.code === 'authority-refused')
      return { status: 'refused', reason: error.message }
    throw error
  }
}

async function finalizeOpen(
  record: OrderRecord,
  signingRequestPem: string,
  desk: Desk,
): Promise<Finalization> {
  const { deps } = desk
  const found = record.orderUrl === null ? null : await lookUp(record, desk)
  if (found === null) return { status: 'lost', reason: LOST }
  const { order, response } = found
  if (isSomebodyElses(record, order)) return { status: 'lost', reason: SOMEBODY_ELSES }
  // Nothing is asked of an order that the CA works on already: one look for each run of the step.
  if (order.status === 'processing')
    return { status: 'processing', after: retryAfter(response, deps.clock.now()) }
  const polled = await desk.at(record, (session) =>
    bringToEnd(session, { record, order, signingRequestPem }, desk),
  )
  if (polled.kind === 'pending') return { status: 'processing', after: polled.after }
  const { status, certificateUrl, error } = polled.value
  const differs = otherProfile(record, polled.value)
  if (differs !== null) return { status: 'refused', reason: differs }
  if (status === 'pending')
    return { status: 'lost', reason: 'The order waits for a name to be validated again.' }
  if (status === 'invalid') {
    await deps.books.saveOrder({ ...record, problem: error })
    // A CA that came to grief over it has refused nothing.
    const isRefusal = error !== null && !isFaultOfServer(error)
    return { status: isRefusal ? 'refused' : 'lost', reason: whyInvalid(error, []) }
  }
  if (certificateUrl === null)
    return { status: 'refused', reason: 'The certificate authority answered without a certificate.' }
  return fetched(record, certificateUrl, desk)
}

async function fetched(record: OrderRecord, certificateUrl: string, desk: Desk): Promise<Finalization> {
  const { deps, at } = desk
  const { preferredChain } = record
  const certificate = await at(record, (session) =>
    downloadCertificate(session, certificateUrl, { preferredChain, signal: deps.signal }),
  ).catch((error: unknown) => {
    throw isGone(error) ? notThere(error) : error
  })
  await deps.books.saveOrder({ ...record, step: 'issued' })
  return { status: 'issued', certificate, trust: deps.trustOf(record) }
}

/** Issued, but not there yet, or the order is gone with it: the next run of the step looks at the order again. */
const notThere = (cause: unknown): Problem =>
  new Problem('authority-unavailable', {
    detail: 'The certificate authority does not hand out the certificate of a valid order.',
    cause,
  })

/** Some CAs give two requests for the same names one order (Let's Encrypt, while it is pending). Whoever finalizes it first has its certificate, for another key. */
const isSomebodyElses = ({ step }: OrderRecord, { status }: AcmeOrder): boolean =>
  step === 'placed' && (status === 'processing' || status === 'valid')

const SOMEBODY_ELSES = 'The order was finalized for another request of the same names.'

interface Asked {
  readonly record: OrderRecord
  readonly order: AcmeOrder
  readonly signingRequestPem: string
}

async function bringToEnd(
  session: AcmeSession,
  { record, order, signingRequestPem }: Asked,
  { deps, health }: Desk,
): Promise<Polled<AcmeOrder>> {
  const { signal } = deps
  let current = order
  let told: Instant | null = null
  if (order.status === 'ready') {
    await deps.books.saveOrder({ ...record, step: 'finalizing' })
    const der = pemBlocks(signingRequestPem, 1)[0]?.der ?? new Uint8Array()
    const asked = await finalizeOrder(session, order, der, signal).catch((error: unknown) =>
      asItStands(error, session, order, signal),
    )
    await health.noteDone(record)
    current = asked.order
    told = retryAfter(asked.response, deps.clock.now())
    if (current.status === 'ready')
      return { kind: 'pending', value: current, after: told ?? plus(deps.clock.now(), FINALIZED_AGAIN_MS) }
  }
  if (current.status !== 'processing') return { kind: 'settled', value: current }
  if (isLongWait(told, deps.clock.now())) return { kind: 'pending', value: current, after: told }
  return poll(
    waitingOf(deps, signal),
    told,
    async () => {
      const { order: value, response } = await getOrder(session, order.url, signal)
      return { value, response }
    },
    ({ status }) => status === 'processing',
  )
}

/** Where an order is ready in one place of the CA and not yet in another. */
const FINALIZED_AGAIN_MS = 10 * SECOND

/** RFC 8555 section 7.4: an order that is not ready (any more) is no worse for it; what it is by now tells how it goes on. */
async function asItStands(
  error: unknown,
  session: AcmeSession,
  { url }: Pick<AcmeOrder, 'url'>,
  signal: AbortSignal,
): ReturnType<typeof getOrder> {
  if (!(error instanceof AcmeRefusal && error.problem.type === 'orderNotReady')) throw error
  return getOrder(session, url, signal)
}
