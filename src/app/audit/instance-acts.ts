import { toWireTime } from '../../domain/time.ts'
import { type Acts } from './act.ts'

/** What is done to the whole instance. */
export const INSTANCE_ACTS = {
  advanceClock: {
    action: 'advance-clock',
    subject: () => ({ kind: 'clock' }),
    detail: (target) => ('by' in target ? { byMs: target.by } : { to: toWireTime(target.to) }),
    beyondStore: true,
  },
  confirmClock: {
    action: 'confirm-clock',
    subject: () => ({ kind: 'clock' }),
    detail: () => ({}),
    beyondStore: true,
  },
  clockChecks: 'reads',
  rollOverAuthorityKey: {
    action: 'roll-over-authority-key',
    subject: () => ({ kind: 'account' }),
    detail: (authority, force) => ({ authority, force }),
    beyondStore: true,
    ofInstallation: true,
  },
  agreeAtAuthority: {
    action: 'agree-at-authority',
    subject: () => ({ kind: 'account' }),
    detail: (authority) => ({ authority }),
    beyondStore: true,
    ofInstallation: true,
  },
  auditEntries: 'reads',
  authorities: 'reads',
  edges: 'reads',
  events: 'reads',
  clock: 'reads',
  missing: 'reads',
} satisfies Partial<Acts>
