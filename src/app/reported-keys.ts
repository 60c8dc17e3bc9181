import { type FieldError, Problem } from '../errors/problem.ts'
import type { AccountId } from '../domain/identifiers.ts'
import type { ReportedKey } from '../ports/reported-keys.ts'
import type { KeyPairRecord } from '../ports/certificates.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import type { Caller, ReportedKeyView } from './views.ts'

export interface KeyReport {
  /** SHA-256 of its SubjectPublicKeyInfo, or PEM of a certificate, a signing request or the public key itself. */
  readonly key: { readonly fingerprint: string } | { readonly pem: string }
  readonly note: string | null
}

const MOST_SHOWN = 1_000

/** Own API: the account's own reports. */
export const listReportedKeys = (
  { store }: Dependencies,
  { accountId }: Caller,
): Promise<readonly ReportedKey[]> => store.read.reportedKeys.ofAccount(accountId, MOST_SHOWN)

/** Own API. Holds from now on; what serves goes on serving, and the answer says where that is. */
export async function reportKey(
  deps: Dependencies,
  caller: Caller,
  { key, note }: KeyReport,
): Promise<ReportedKeyView> {
  const fingerprint = 'pem' in key ? fingerprintIn(deps, key.pem) : key.fingerprint
  const report = await addReport(deps, caller, fingerprint, note)
  const usedBy = await deps.store.read.reportedKeys.usersOf(caller.accountId, fingerprint)
  return { ...report, usedBy }
}

/** What the installation's own account reports holds for every account: a key of one account is nothing that another one may block. */
export const addReport = (
  { store, clocks, operatorAccount }: Dependencies,
  { accountId, clientName }: Caller,
  fingerprint: string,
  note: string | null,
): Promise<ReportedKey> =>
  store.read.reportedKeys.add({
    accountId,
    fingerprint,
    everywhere: accountId === operatorAccount,
    note,
    reportedBy: clientName,
    reportedAt: clocks.lifecycle.now(),
  })

/** Own API: for a report that was a mistake. */
export async function withdrawKeyReport(
  { store }: Dependencies,
  { accountId }: Caller,
  fingerprint: string,
): Promise<void> {
  if (!(await store.read.reportedKeys.remove(accountId, fingerprint))) throw new Problem('not-found')
}

function fingerprintIn({ certificates }: Dependencies, pem: string): string {
  try {
    return certificates.publicKeyFingerprintIn(pem)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem('validation-error', { errors: [{ field: '/pem', detail: error.message }] })
  }
}

type Pair = Pick<KeyPairRecord, 'signingRequestPem' | 'accountId'>

/** Which of these pairs have a key that was reported. */
export async function reportedAmong<P extends Pair>(
  { certificates }: Pick<Dependencies, 'certificates'>,
  read: Repositories,
  accountId: AccountId,
  pairs: readonly P[],
): Promise<readonly P[]> {
  const fingerprintOf = ({ signingRequestPem }: P) =>
    certificates.signingRequestKeyFingerprint(signingRequestPem)
  const reported = await read.reportedKeys.among(accountId, pairs.map(fingerprintOf))
  return pairs.filter((pair) => reported.has(fingerprintOf(pair)))
}

/** @throws Problem('key-reported') */
export async function requireUnreported(
  deps: Dependencies,
  read: Repositories,
  pairs: readonly Pair[],
): Promise<void> {
  const [pair] = pairs
  if (pair === undefined || (await reportedAmong(deps, read, pair.accountId, pairs)).length === 0) return
  throw new Problem('key-reported', { detail: REPORTED })
}

const REPORTED =
  'The key of this change was reported as compromised. Cancel the change and begin again: the next one has a new key.'

/** For an upload: which entry answers the request of a reported key. */
export async function reportedEntries(
  deps: Dependencies,
  read: Repositories,
  pairs: readonly KeyPairRecord[],
  entries: readonly { readonly pointer: string; readonly keyAlgorithm: string }[],
): Promise<readonly FieldError[]> {
  const [pair] = pairs
  const reported = pair === undefined ? [] : await reportedAmong(deps, read, pair.accountId, pairs)
  return entries
    .filter((entry) => reported.some(({ keyAlgorithm }) => keyAlgorithm === entry.keyAlgorithm))
    .map(({ pointer }) => ({ field: `${pointer}/certificate`, detail: REPORTED }))
}
