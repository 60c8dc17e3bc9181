import { issuanceWait } from '../../domain/change/issuance-wait.ts'
import { certificateId } from '../../domain/identifiers.ts'
import { type Instant, plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { CertificateAuthority, IssuedCertificate } from '../../ports/certificate-authority.ts'
import type { CertificateRecord, KeyPairRecord } from '../../ports/certificates.ts'
import { differenceFromAsked } from '../issued-certificate.ts'
import { authorityOf } from '../orders.ts'
import { requireUnreported } from '../reported-keys.ts'
import { reviewIssued } from '../review-issued.ts'
import { vet } from '../vetting.ts'
import { proveNames } from './prove-names.ts'
import type { Effect, EffectContext, EffectOutcome } from './outcome.ts'

/** Finalizes the order and fetches the certificate. What came back is held against what was asked for before it goes anywhere. */
export const requestCertificate: Effect = async (context) => {
  const { deps, locked, change } = context
  const authority = authorityOf(deps, change)
  if (change.settings.validationType !== 'dv') {
    const vetting = await vet(deps, locked.read, change)
    if (vetting.kind === 'waiting')
      return { kind: 'event', event: 'certificate-pending', nextAt: vetting.until }
    if (vetting.kind === 'rejected') return refused(`The organization was not approved: ${vetting.reason}`)
    const proof = await proveNames(context, authority)
    if (proof.kind === 'refused') return refused(proof.reason)
    if (proof.kind === 'pending') return pending(context, null)
  }
  const keyPair = (await locked.read.certificates.keyPairsOf(change.id))[0]
  if (keyPair === undefined) throw new Problem('internal-error', { detail: 'The change has no key pair.' })
  await requireUnreported(deps, locked.read, [keyPair])
  const final = await authority.finalize(change.id, keyPair.signingRequestPem)
  if (final.status === 'processing') return pending(context, final.after)
  if (final.status === 'refused') return refused(final.reason)
  if (final.status === 'lost') return lost(context, authority)
  const wrong = differenceFromAsked(context, keyPair, final.certificate, final.trust)
  if (wrong !== null) return refused(wrong)
  const record = recordOf(context, keyPair, final.certificate)
  const review = await reviewIssued(context, keyPair, record, final.trust)
  if ('fault' in review) return refused(review.fault)
  return {
    kind: 'event',
    event: review.stops ? 'certificate-issued-with-findings' : 'certificate-issued',
    findings: review.findings,
    keeps: { certificates: [record] },
  }
}

/** `told`: when the CA wants to be asked again. */
function pending({ deps, change }: EffectContext, told: Instant | null) {
  const now = deps.clocks.lifecycle.now()
  const nextAt = told ?? plus(now, issuanceWait(now - change.enteredAt))
  return { kind: 'event' as const, event: 'certificate-pending' as const, nextAt }
}

const refused = (reason: string) => ({
  kind: 'event' as const,
  event: 'authority-failed' as const,
  failure: { code: 'authority-refused', description: reason },
})

/** Domain validation begins anew; where no step of ours comes between, the next run of this one orders again. */
async function lost(
  { deps, change }: EffectContext,
  authority: CertificateAuthority,
): Promise<EffectOutcome> {
  await authority.abandon(change.id)
  if (change.settings.validationType === 'dv') return { kind: 'event', event: 'names-invalidated' }
  const nextAt = plus(deps.clocks.lifecycle.now(), ORDER_AGAIN_MS)
  return { kind: 'event', event: 'certificate-pending', nextAt }
}

const ORDER_AGAIN_MS = 5 * SECOND

function recordOf(
  { deps, change }: EffectContext,
  keyPair: KeyPairRecord,
  issued: IssuedCertificate,
): CertificateRecord {
  const facts = deps.certificates.read(issued.certificatePem)
  return {
    id: certificateId(deps.random.uuid()),
    accountId: change.accountId,
    enrollmentId: change.enrollmentId,
    changeId: change.id,
    keyPairId: keyPair.id,
    keyAlgorithm: keyPair.keyAlgorithm,
    certificatePem: issued.certificatePem,
    chainPem: issued.chainPem,
    serialNumber: facts.serialNumber,
    fingerprint: facts.fingerprint,
    signatureHash: facts.signatureHash,
    ocspUris: facts.ocspUris,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    createdAt: deps.clocks.lifecycle.now(),
  }
}
