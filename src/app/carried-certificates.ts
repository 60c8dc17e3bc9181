import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import { classify } from '../domain/change/classify.ts'
import { certificateId } from '../domain/identifiers.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { EffectContext } from './effects/outcome.ts'

/**
 * What a change takes over from what is live, for the key algorithms that nothing was uploaded for: only where the change was opened to add the missing one
 * of a dual stack (`allow-missing-certificate-addition`), since otherwise the one that is live would be lost by adding the other. A renewal or another set of
 * names never takes an old certificate along: it would expire, or lack names, under clients that prefer its algorithm.
 */
export async function carriedCertificates(
  context: EffectContext,
  missing: readonly KeyAlgorithm[],
): Promise<readonly CertificateRecord[]> {
  const { deps, locked, change } = context
  if (missing.length === 0 || !(await isAddition(context))) return []
  const active = await locked.read.deployments.active(change.enrollmentId)
  const live = active.find(({ network }) => network === 'production')
  const now = deps.clocks.lifecycle.now()
  const certificates = await locked.read.certificates.byIds(live?.certificateIds ?? [])
  return certificates
    .filter(({ keyAlgorithm, notAfter }) => missing.includes(keyAlgorithm) && notAfter > now)
    .map((certificate) => ({
      ...certificate,
      id: certificateId(deps.random.uuid()),
      changeId: change.id,
      createdAt: now,
    }))
}

/** Nothing else about the certificate is to change. */
async function isAddition({ locked, change }: EffectContext): Promise<boolean> {
  if (change.action !== 'modify-certificate') return false
  const settled = await locked.read.lifecycle.settled(change.enrollmentId)
  const otherwise = classify(settled, change.settings, { forceRenewal: false })
  return otherwise === null || otherwise === 'network-only'
}
