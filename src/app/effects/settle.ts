import { firstToExpire } from '../../domain/certificate/first-to-expire.ts'
import type { Change } from '../../domain/change/change.ts'
import { renewalMoments } from '../../domain/plan/renewal-moments.ts'
import type { Repositories } from '../../ports/store.ts'
import type { CertificateRecord } from '../../ports/certificates.ts'
import type { Kept } from '../../ports/changes.ts'
import type { Dependencies } from '../dependencies.ts'

type Wanted = Pick<Dependencies, 'clocks' | 'renewalLeadDays' | 'standingLook'>

/**
 * With production the enrollment is what the change asked for, and its next renewal is known; a change of settings alone leaves that as it was. Kept by
 * the very statement that completes the change: an update that came between would be overwritten.
 */
export async function settlementOf(
  deps: Wanted,
  read: Repositories,
  change: Change,
  served: readonly CertificateRecord[],
): Promise<NonNullable<Kept['settles']>> {
  const { settings } = change
  const own = served.filter(({ changeId }) => changeId === change.id)
  return { settings, renewal: await renewalOf(deps, read, change, own) }
}

/** When what is live now will be renewed; null: nothing is. */
export async function renewalOf(
  { clocks, renewalLeadDays, standingLook }: Wanted,
  read: Repositories,
  change: Pick<Change, 'enrollmentId' | 'accountId' | 'settings'>,
  served: readonly CertificateRecord[],
): Promise<NonNullable<Kept['settles']>['renewal']> {
  const { settings } = change
  const live = firstToExpire(served)
  if (live === undefined) return null
  const { begin } = renewalMoments({
    id: change.enrollmentId,
    validationType: settings.validationType,
    changeManagement: settings.changeManagement,
    live,
    leadDays: renewalLeadDays,
    maintenance: await read.maintenances.of(change.accountId),
    // The CA has not been asked about this one yet.
    information: null,
    now: clocks.lifecycle.now(),
  })
  return {
    at: begin.at,
    live: { notBefore: live.notBefore, notAfter: live.notAfter },
    askAt: settings.validationType === 'third-party' ? null : clocks.lifecycle.now(),
    namesLookAt: settings.validationType === 'dv' && standingLook !== null ? clocks.lifecycle.now() : null,
  }
}
