import { type Change, type LiveSpan, NO_PROGRESS } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { INITIAL_STATE } from '../domain/change/step.ts'
import type { ChangeAction } from '../domain/change/vocabulary.ts'
import type { Enrollment, EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'
import type { DeploymentSchedule } from './views.ts'

export interface NewChange {
  readonly id: ChangeId
  readonly enrollment: Pick<Enrollment, 'id' | 'accountId'>
  readonly action: ChangeAction
  readonly settings: EnrollmentSettings
  readonly schedule: DeploymentSchedule
  readonly stagingBypass: boolean
  readonly createdBy: string
  /** Of what production serves now; null: nothing. */
  readonly live: LiveSpan | null
}

/** A change that has been taken up: `started` has happened, its first effect is due. */
export function startedChange(deps: Dependencies, wanted: NewChange): Change {
  const now = deps.clocks.lifecycle.now()
  const fresh: Change = {
    ...INITIAL_STATE,
    id: wanted.id,
    enrollmentId: wanted.enrollment.id,
    accountId: wanted.enrollment.accountId,
    action: wanted.action,
    settings: wanted.settings,
    stagingBypass: wanted.stagingBypass,
    effects: [],
    progress: wanted.live === null ? NO_PROGRESS : { ...NO_PROGRESS, live: wanted.live },
    findings: [],
    error: null,
    notBefore: wanted.schedule.notBefore,
    notAfter: wanted.schedule.notAfter,
    nextAt: null,
    createdBy: wanted.createdBy,
    createdAt: now,
    enteredAt: now,
    updatedAt: now,
    revision: 0,
  }
  const started = move(fresh, 'started', { now, policy: deps.validationPolicy })
  if (!started.ok) throw new Problem('internal-error', { cause: started })
  return started.change
}
