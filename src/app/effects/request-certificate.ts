import { certificateId } from '../../domain/identifiers.ts'
import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { Problem } from '../../errors/problem.ts'
import type { IssuedCertificate } from '../../ports/certificate-authority.ts'
import type { CertificateRecord, KeyPairRecord } from '../../ports/store.ts'
import { disagreements } from '../../domain/certificate/compare.ts'
import { authorityOf, orderRequest } from '../orders.ts'
import { reviewIssued } from '../review-issued.ts'
import { vet } from '../vetting.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** Finalizes the order and fetches the certificate. What came back is held against what was asked for before it goes anywhere. */
export const requestCertificate: Effect = async (context) => {
  const { deps, locked, change } = context
  const authority = authorityOf(deps, change)
  if (change.settings.validationType !== 'dv') {
    const vetting = await vet(deps, locked.read, change)
    if (vetting.kind === 'waiting')
      return { kind: 'event', event: 'certificate-pending', nextAt: vetting.until }
    if (vetting.kind === 'rejected') return refused(`The organization was not approved: ${vetting.reason}`)
    await authority.order(await orderRequest(locked.read, change, requestedNames(change.settings)))
  }
  const keyPair = (await locked.read.certificates.keyPairsOf(change.id))[0]
  if (keyPair === undefined) throw new Problem('internal-error', { detail: 'The change has no key pair.' })
  const final = await authority.finalize(change.id, keyPair.signingRequestPem)
  if (final.status === 'processing')
    return { kind: 'event', event: 'certificate-pending', nextAt: final.after }
  if (final.status === 'refused') return refused(final.reason)
  const record = recordOf(context, keyPair, final.certificate)
  const wrong = judge(context, keyPair, record)
  if (wrong !== null) return refused(wrong)
  const review = await reviewIssued(context, keyPair, record)
  if ('fault' in review) return refused(review.fault)
  return {
    kind: 'event',
    event: review.stops ? 'certificate-issued-with-findings' : 'certificate-issued',
    findings: review.findings,
    keeps: { certificates: [record] },
  }
}

const refused = (reason: string) => ({
  kind: 'event' as const,
  event: 'authority-failed' as const,
  failure: { code: 'authority-refused', description: reason },
})

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

/** Null: it is what was asked for. Else a sentence that says what is wrong with it. */
function judge(
  { deps, change }: EffectContext,
  keyPair: KeyPairRecord,
  record: CertificateRecord,
): string | null {
  const reader = deps.certificates
  const now = deps.clocks.lifecycle.now()
  const wrong = disagreements(reader.read(record.certificatePem), {
    dnsNames: requestedNames(change.settings),
    publicKeyFingerprint: reader.signingRequestKeyFingerprint(keyPair.signingRequestPem),
    now,
  })
  if (wrong.length > 0)
    return `The certificate authority answered with another certificate than asked for: ${wrong.join('; ')}.`
  const [leaf] = reader.split(record.certificatePem)
  if (leaf === undefined) return 'The certificate authority answered without a certificate.'
  const intermediates = record.chainPem === '' ? [] : reader.split(record.chainPem)
  const chain = reader.verifyChain(leaf, intermediates, deps.authorityRoots, now)
  return chain.ok ? null : `The chain of the certificate does not hold: ${chain.detail}`
}
