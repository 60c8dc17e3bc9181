import type { Change } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { certificateId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { KeyPairRecord } from '../ports/certificates.ts'
import type { UploadEntry, UploadReading } from '../ports/upload-reader.ts'
import type { UploadRecord } from '../ports/uploads.ts'
import type { Dependencies } from './dependencies.ts'
import { reportedEntries } from './reported-keys.ts'
import { requireRoomForUpload } from './quotas.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { CertificateUpload, ChangeReference } from './use-cases.ts'
import type { Caller } from './views.ts'
import { awaitRest } from './wait.ts'

/** Faults are told in terms of the newest version of the body; the wire knows where they stand in an older one. */
const ENTRIES = '/certificatesAndTrustChains'

/**
 * CPS API: CertificateAndTrustChain. Also during the review of an earlier upload, which it replaces, and while that waits on staging for its acknowledgement,
 * which it ends: what was frozen is discarded. An entry for the other key algorithm joins the earlier one. Stored together with the move to verification, so that the very next read shows another status (spec: behaviour C4). What cannot be used changes nothing.
 */
export async function uploadCertificates(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  uploads: readonly CertificateUpload[],
): Promise<void> {
  await retryingConflicts(async () => {
    const change = await requireChange(deps.store, caller, ref)
    requireUploadable(deps, change)
    const pairs = await deps.store.read.certificates.keyPairsOf(change.id)
    const now = deps.clocks.lifecycle.now()
    const entries = uploadEntries(uploads, pairs)
    const readings = deps.uploads.read(entries, now)
    const errors = await reportedEntries(deps, deps.store.read, pairs, entries)
    if (errors.length > 0) throw new Problem('validation-error', { detail: errors[0]?.detail ?? '', errors })
    const records = readings.map((reading) => uploadRecord(deps, change, pairs, reading))
    await keep(deps, change, records, now)
  })
  await awaitRest(deps, ref.changeId)
}

async function keep(
  deps: Dependencies,
  change: Change,
  records: readonly UploadRecord[],
  now: Instant,
): Promise<void> {
  const next = move(change, 'uploaded', { now, policy: deps.validationPolicy })
  if (!next.ok) throw new Problem('not-found')
  await deps.store.transaction(async (tx) => {
    await requireRoomForUpload(tx, deps, change.id)
    for (const record of records) await tx.uploads.put(record)
    if (change.status === 'wait-ack-change-management') await tx.frozenContents.discard(change.id)
    if (!(await tx.changes.record(next.change, moveNote(deps, next.change, 'uploaded', true))))
      throw new Conflict()
  })
}

/** Before anything of the upload is read: at the wrong moment there is nothing here to upload to. */
function requireUploadable(deps: Dependencies, change: Change): void {
  const at = { now: deps.clocks.lifecycle.now(), policy: deps.validationPolicy }
  if (!move(change, 'uploaded', at).ok) throw new Problem('not-found')
}

/** Each with the signing request that it has to answer. */
export const uploadEntries = (
  uploads: readonly CertificateUpload[],
  pairs: readonly KeyPairRecord[],
): readonly UploadEntry[] =>
  uploads.map((upload, index) => ({
    pointer: `${ENTRIES}/${index}`,
    keyAlgorithm: upload.keyAlgorithm,
    certificate: upload.certificate,
    trustChain: upload.trustChain,
    signingRequestPem: pairOf(pairs, upload.keyAlgorithm)?.signingRequestPem ?? null,
  }))

const pairOf = (pairs: readonly KeyPairRecord[], algorithm: string): KeyPairRecord | undefined =>
  pairs.find(({ keyAlgorithm }) => keyAlgorithm === algorithm)

function uploadRecord(
  deps: Dependencies,
  change: Change,
  pairs: readonly KeyPairRecord[],
  { uploaded, deployable, asUploaded }: UploadReading,
): UploadRecord {
  const { leaf, keyAlgorithm } = uploaded
  const pair = pairOf(pairs, keyAlgorithm)
  if (pair === undefined) throw new Problem('internal-error', { detail: 'An upload without a key pair.' })
  return {
    id: certificateId(deps.random.uuid()),
    accountId: change.accountId,
    enrollmentId: change.enrollmentId,
    changeId: change.id,
    keyPairId: pair.id,
    keyAlgorithm,
    ...deployable,
    serialNumber: leaf.serialNumber,
    fingerprint: leaf.fingerprint,
    signatureHash: leaf.signatureHash,
    ocspUris: leaf.ocspUris,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    createdAt: deps.clocks.lifecycle.now(),
    uploadedCertificate: asUploaded.certificate,
    uploadedChain: asUploaded.trustChain,
  }
}
