import { type Change } from '../domain/change/change.ts'
import { changeId } from '../domain/identifiers.ts'
import { BEGINS_AGAIN_AFTER_MS, RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import { renewalBegun } from '../domain/notices/notices-of-move.ts'
import { plus } from '../domain/time.ts'
import type { DueRenewal } from '../ports/renewals.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { liveSpanOf } from './live-certificates.ts'
import { noticeRecords } from './notices/records.ts'
import { moveNote } from './record.ts'
import { startedChange } from './start-change.ts'

const AT_ONCE = 200

/** Begins every renewal whose moment has come; says how many. What cannot begin now is found again by the next call. */
export async function beginDueRenewals(deps: Dependencies): Promise<number> {
  const due = await deps.store.read.renewals.due(deps.clocks.lifecycle.now(), AT_ONCE)
  let begun = 0
  for (const renewal of due) if (await beginRenewal(deps, renewal)) begun += 1
  return begun
}

/** A renewal repeats what the last completed change was issued with, and never the key: each change makes its own. */
async function beginRenewal(deps: Dependencies, { enrollmentId, accountId }: DueRenewal): Promise<boolean> {
  const { change: id } = await deps.store.nextIds(['change'])
  return deps.store.transaction(async (tx) => {
    const enrollment = await tx.enrollments.find(accountId, enrollmentId)
    const settings = await tx.lifecycle.settled(enrollmentId)
    if (enrollment === null || settings === null) return false
    if (!(await tx.renewals.take(enrollmentId, deps.clocks.lifecycle.now()))) return false
    const change = startedChange(deps, {
      id: changeId(id),
      enrollment,
      action: 'renewal',
      settings,
      schedule: { notBefore: null, notAfter: null },
      stagingBypass: false,
      createdBy: RENEWAL_ENGINE,
      live: await liveSpanOf(deps, tx, enrollmentId),
    })
    await tx.changes.insert(change, moveNote(deps, change, 'started', true))
    await tx.notices.add(noticeRecords(change, [renewalBegun(change)]))
    return true
  })
}

/** A renewal that was ended by a person is begun again a while later, since its certificate goes on ageing (spec: behaviour C10). */
export async function renewAgainLater(tx: Repositories, deps: Dependencies, change: Change): Promise<void> {
  if (change.action !== 'renewal') return
  await tx.renewals.postpone(change.enrollmentId, plus(deps.clocks.lifecycle.now(), BEGINS_AGAIN_AFTER_MS))
}
