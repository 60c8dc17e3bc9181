import type { ChangeStatus } from '../domain/change/vocabulary.ts'
import { isOpen } from '../domain/change/vocabulary.ts'
import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, SigningRequestView } from './views.ts'

/** Wherever somebody can upload, and while that is verified (spec: api 3.10). Afterwards they are in the history. */
const SHOWN_IN: readonly ChangeStatus[] = [
  'wait-upload-third-party',
  'verify-third-party-cert',
  'wait-review-third-party-cert',
  'wait-ack-change-management',
]

/** CPS API: Csr. RSA last. */
export async function getSigningRequests(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<readonly SigningRequestView[]> {
  const change = await requireChange(deps.store, caller, ref)
  if (!isOpen(change) || !SHOWN_IN.includes(change.status)) throw new Problem('not-found')
  const pairs =
    change.settings.validationType === 'third-party'
      ? await deps.store.read.certificates.keyPairsOf(change.id)
      : []
  // A change of settings alone has none, and a CA's is nobody's to upload for.
  if (pairs.length === 0) throw new Problem('not-found')
  return [...pairs]
    .sort((one, other) => (one.keyAlgorithm < other.keyAlgorithm ? -1 : 1))
    .map(({ keyAlgorithm, signingRequestPem }) => ({ keyAlgorithm, pem: signingRequestPem }))
}
