import { type Change, NO_PROGRESS } from '../../src/domain/change/change.ts'
import { accountId, changeId, enrollmentId } from '../../src/domain/identifiers.ts'
import type { Instant } from '../../src/domain/time.ts'
import { dvSettings } from './settings.ts'

/** A renewal that waits for its acknowledgement since `at`, but for what is said. */
export const waitingChange = (at: Instant, more: Partial<Change> = {}): Change => ({
  id: changeId(2),
  enrollmentId: enrollmentId(1),
  accountId: accountId('A'),
  action: 'renewal',
  status: 'wait-ack-change-management',
  state: 'awaiting-input',
  settings: dvSettings('www.example.com'),
  stagingBypass: false,
  effects: [],
  progress: NO_PROGRESS,
  findings: [],
  error: null,
  notBefore: null,
  notAfter: null,
  nextAt: null,
  createdBy: 'somebody',
  createdAt: at,
  enteredAt: at,
  updatedAt: at,
  revision: 0,
  ...more,
})
