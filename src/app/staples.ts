import { askAgainAfter, nextAskAfter } from '../domain/certificate/staple.ts'
import type { CertificateId } from '../domain/identifiers.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { Clock } from '../ports/clock.ts'
import type { AskResponder, CertificateToAsk, DueStaple, Staples } from '../ports/staples.ts'

export interface StapleDependencies {
  readonly staples: Staples
  readonly ask: AskResponder
  readonly real: Clock
  readonly onAnswer: (note: StapleNote) => void
  /** A CA may revoke by itself: nothing goes back to what it has. */
  readonly onRevoked: (id: CertificateId) => Promise<void>
}

export interface StapleNote {
  readonly certificateId: string
  /** `failed`: nothing that counts came back. */
  readonly outcome: 'good' | 'revoked' | 'unknown' | 'failed'
  readonly message: string | null
}

export type PrepareStaples = (
  certificates: readonly CertificateRecord[],
  signal: AbortSignal,
) => Promise<void>

const AT_ONCE = 8

/** Asks the responders of every certificate that is due, a few at a time; what fails is asked again later. How many were asked. */
export async function refreshStaples(deps: StapleDependencies, signal: AbortSignal): Promise<number> {
  const due = await deps.staples.due(deps.real.now(), AT_ONCE)
  await Promise.all(due.map((each) => refresh(deps, each, signal)))
  return due.length
}

/**
 * Before clients meet a certificate for the first time: one that demands a staple (RFC 7633) would be refused by them until there is one. Never fails; a
 * responder that does not answer is waited for once, as long as `ask` waits.
 */
export async function prepareStaples(
  deps: StapleDependencies,
  certificates: readonly CertificateRecord[],
  signal: AbortSignal,
): Promise<void> {
  const named = certificates.filter(({ ocspUris }) => ocspUris.length > 0)
  if (named.length === 0) return
  const fresh = await deps.staples.neverAsked(named.map(({ id }) => id))
  const asked = named.filter(({ id }) => fresh.includes(id))
  await Promise.all(asked.map((each) => refresh(deps, { ...toAsk(each), failures: 0 }, signal)))
}

const toAsk = ({ id, certificatePem, chainPem, ocspUris }: CertificateRecord): CertificateToAsk => ({
  id,
  certificatePem,
  chainPem,
  ocspUris,
})

async function refresh(
  { staples, ask, real, onAnswer, onRevoked }: StapleDependencies,
  due: DueStaple,
  signal: AbortSignal,
): Promise<void> {
  async function again(outcome: 'unknown' | 'failed', message: string): Promise<void> {
    const failures = due.failures + 1
    await staples.failed(due.id, failures, askAgainAfter(failures, real.now()))
    onAnswer({ certificateId: due.id, outcome, message })
  }

  try {
    const staple = await ask(due, signal)
    // A responder often learns of a certificate some minutes after it was issued.
    if (staple.status === 'unknown') {
      await again('unknown', 'the responder does not know the certificate')
      return
    }
    await staples.keep(due.id, staple, nextAskAfter(staple, real.now()))
    if (staple.status === 'revoked') await onRevoked(due.id)
    onAnswer({ certificateId: due.id, outcome: staple.status, message: null })
  } catch (error) {
    if (signal.aborted) return
    await again('failed', error instanceof Error ? error.message : 'unknown')
  }
}
