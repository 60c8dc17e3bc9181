import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { isOfRequest, withoutRepeats } from '../../domain/findings/stages.ts'
import { needReview, thirdPartyFindings } from '../../domain/findings/third-party/third-party-findings.ts'
import type { UploadFacts } from '../../domain/findings/third-party/upload-facts.ts'
import { Problem } from '../../errors/problem.ts'
import type { CertificateRecord, KeyPairRecord } from '../../ports/certificates.ts'
import type { UploadReading } from '../../ports/upload-reader.ts'
import { carriedCertificates } from '../carried-certificates.ts'
import { namesLiveFor } from '../live-names.ts'
import { uploadEntries } from '../upload-certificates.ts'
import type { Effect, EffectContext } from './outcome.ts'

/**
 * Holds what was uploaded against what was asked for, what is live, and what the roots say. What can be found at once was refused at the upload; here it is
 * looked at again, because time has passed: a certificate that expired meanwhile is given back.
 */
export const verifyUpload: Effect = async (context) => {
  const { locked, change } = context
  const pairs = await locked.read.certificates.keyPairsOf(change.id)
  const readings = readAgain(context, await locked.read.uploads.ofChange(change.id), pairs)
  // Findings of the request stay with the change: they are shown once more at the acknowledgement.
  const earlier = change.findings.filter(isOfRequest)
  if (readings === null) {
    const event = 'upload-refused' as const
    return { kind: 'event', event, findings: earlier, write: (tx) => tx.uploads.discard(change.id) }
  }
  const missing = pairs
    .map(({ keyAlgorithm }) => keyAlgorithm)
    .filter((algorithm) => !readings.some(({ uploaded }) => uploaded.keyAlgorithm === algorithm))
  const carried = await carriedCertificates(context, missing)
  const found = thirdPartyFindings(await factsOf(context, pairs, readings, carried))
  return {
    kind: 'event',
    event: needReview(found) ? 'upload-found' : 'upload-verified',
    findings: withoutRepeats(earlier, found),
    write: async (tx) => {
      for (const certificate of carried) await tx.certificates.insert(certificate)
    },
  }
}

/** Null: none can be used any more. */
function readAgain(
  { deps }: EffectContext,
  uploads: Parameters<typeof uploadEntries>[0],
  pairs: readonly KeyPairRecord[],
): readonly UploadReading[] | null {
  try {
    return deps.uploads.read(uploadEntries(uploads, pairs), deps.clocks.lifecycle.now())
  } catch (error) {
    if (error instanceof Problem && error.code === 'validation-error') return null
    throw error
  }
}

async function factsOf(
  { deps, locked, change }: EffectContext,
  pairs: readonly KeyPairRecord[],
  readings: readonly UploadReading[],
  carried: readonly CertificateRecord[],
): Promise<UploadFacts> {
  const uploads = readings.map(({ uploaded }) => uploaded)
  const keys = uploads.map(({ leaf }) => leaf.publicKeyFingerprint)
  const [liveNames, keysOfOthers] = await Promise.all([
    namesLiveFor(locked.read, change.enrollmentId),
    locked.read.uploads.keysOfOthers(change.accountId, keys),
  ])
  return {
    uploads,
    expectedAlgorithms: pairs
      .map(({ keyAlgorithm }) => keyAlgorithm)
      .filter((algorithm) => !carried.some(({ keyAlgorithm }) => keyAlgorithm === algorithm)),
    requestedNames: requestedNames(change.settings),
    requestedSignatureHash: change.settings.signatureAlgorithm,
    standardRoots: deps.uploads.standardRoots,
    liveNames,
    keysOfOthers,
    leadDays: deps.renewalLeadDays,
    now: deps.clocks.lifecycle.now(),
  }
}
