import type { Change, Finding } from '../domain/change/change.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import { issuedFindings, needsReview } from '../domain/findings/issued/issued-findings.ts'
import type { IssuedFacts } from '../domain/findings/issued/issued-facts.ts'
import { isOfRequest, withoutRepeats } from '../domain/findings/stages.ts'
import type { UploadedCertificate } from '../domain/findings/third-party/upload-facts.ts'
import { Problem } from '../errors/problem.ts'
import type { IssuerTrust } from '../ports/certificate-authority.ts'
import type { Repositories } from '../ports/store.ts'
import type { CertificateRecord, KeyPairRecord } from '../ports/certificates.ts'
import type { Dependencies } from './dependencies.ts'
import type { EffectContext } from './effects/outcome.ts'
import { liveCertificates } from './live-certificates.ts'

/** `findings`: all that the change has to tell. `fault`: no client would take the certificate. */
export type IssuedReview =
  | { readonly findings: readonly Finding[]; readonly stops: boolean }
  | { readonly fault: string }

/** Post-verification of what a CA of ours issued. That it is what was asked for was seen before; here it is read as an upload is. */
export async function reviewIssued(
  { deps, locked, change }: EffectContext,
  keyPair: KeyPairRecord,
  record: CertificateRecord,
  { isPublic }: IssuerTrust,
): Promise<IssuedReview> {
  const read = readIssued(deps, keyPair, record)
  if ('fault' in read) return read
  const found = issuedFindings(factsOf(deps, change, read.uploaded))
  return {
    findings: withoutRepeats(change.findings.filter(isOfRequest), found),
    stops: needsReview(found, {
      known: await acceptedBefore(locked.read, change),
      isPublicAuthority: isPublic,
    }),
  }
}

function readIssued(
  { uploads, clocks }: Dependencies,
  { signingRequestPem }: KeyPairRecord,
  { keyAlgorithm, certificatePem, chainPem }: CertificateRecord,
): { readonly uploaded: UploadedCertificate } | { readonly fault: string } {
  const entry = {
    pointer: '',
    keyAlgorithm,
    certificate: certificatePem,
    trustChain: chainPem,
    signingRequestPem,
  }
  try {
    const [reading] = uploads.read([entry], clocks.lifecycle.now())
    return reading === undefined ? { fault: 'There is no certificate.' } : { uploaded: reading.uploaded }
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'validation-error') throw error
    return { fault: error.message }
  }
}

function factsOf(deps: Dependencies, { settings }: Change, uploaded: UploadedCertificate): IssuedFacts {
  const { validationType } = settings
  if (validationType === 'third-party')
    throw new Problem('internal-error', { detail: 'A third-party certificate was not issued here.' })
  return {
    validationType,
    uploads: [uploaded],
    expectedAlgorithms: [uploaded.keyAlgorithm],
    requestedNames: requestedNames(settings),
    // A CA signs by its own key: every hash that clients take fulfils the wish for SHA-256, and none the one for SHA-1.
    requestedSignatureHash: settings.signatureAlgorithm === 'SHA-256' ? null : settings.signatureAlgorithm,
    standardRoots: 'any',
    liveNames: [],
    keysOfOthers: new Set(),
    leadDays: deps.renewalLeadDays,
    now: deps.clocks.lifecycle.now(),
  }
}

/** What was told of the certificate that a renewal replaces; it is live, so somebody accepted it. */
async function acceptedBefore(read: Repositories, change: Change): Promise<readonly Finding[]> {
  if (change.action !== 'renewal') return []
  const [certificate] = await liveCertificates(read, change.enrollmentId)
  const before = certificate === undefined ? null : await read.changes.load(certificate.changeId)
  return before?.findings.filter((found) => !isOfRequest(found)) ?? []
}
