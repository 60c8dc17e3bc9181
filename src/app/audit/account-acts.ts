import type { AccountId } from '../../domain/identifiers.ts'
import { type Instant, toWireTime } from '../../domain/time.ts'
import type { PauseWish } from '../use-cases.ts'
import { type Acts, fresh, type Subject } from './act.ts'

const client = (accountId: AccountId, id: string): Subject => ({ kind: 'client', accountId, id })

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))

const pausedSubject = ({ of }: PauseWish): Subject =>
  of === 'account' || of === 'installation' ? { kind: 'account' } : { kind: 'enrollment', id: of }

/** What is done to accounts, contracts, API clients, and what an account sets for itself. */
export const ACCOUNT_ACTS = {
  setMaintenance: {
    action: 'set-maintenance',
    subject: () => ({ kind: 'account' }),
    detail: ({ windows, freezes }) => ({
      windows,
      freezes: freezes.map(({ from, until, reason }) => ({
        from: toWireTime(from),
        until: toWireTime(until),
        reason,
      })),
    }),
  },
  reportKey: {
    action: 'report-key',
    subject: () => ({ kind: 'account' }),
    detail: ({ key, note }) => ({ note, ...('fingerprint' in key ? { fingerprint: key.fingerprint } : {}) }),
    digested: ({ key }): Readonly<Record<string, string>> => ('pem' in key ? { pem: key.pem } : {}),
  },
  withdrawKeyReport: {
    action: 'withdraw-key-report',
    subject: () => ({ kind: 'account' }),
    detail: (fingerprint) => ({ fingerprint }),
  },
  pauseDeployments: {
    action: 'pause-deployments',
    subject: pausedSubject,
    detail: ({ of, network, reason }) => ({ of, network, reason }),
  },
  resumeDeployments: {
    action: 'resume-deployments',
    subject: pausedSubject,
    detail: ({ of, network }) => ({ of, network }),
  },
  addWebhook: { action: 'add-webhook', subject: () => ({ kind: 'account' }), detail: (url) => ({ url }) },
  removeWebhook: { action: 'remove-webhook', subject: () => ({ kind: 'account' }), detail: (id) => ({ id }) },
  createAccount: { action: 'create-account', subject: fresh, detail: ({ name }) => ({ name }) },
  createContract: { action: 'create-contract', subject: fresh, detail: (account) => ({ account }) },
  createClient: {
    action: 'create-client',
    subject: fresh,
    detail: (account, { role, name, expiresAt, switchKeys }) => ({
      account,
      role,
      name,
      expiresAt: timeOrNull(expiresAt),
      switchKeys: switchKeys.length,
    }),
  },
  changeClient: {
    action: 'change-client',
    subject: (account, { id }) => client(account, id),
    detail: (_account, { changes: { expiresAt, ...changes } }) => ({
      ...changes,
      ...(expiresAt === undefined ? {} : { expiresAt: timeOrNull(expiresAt) }),
    }),
  },
  addCredential: {
    action: 'add-credential',
    subject: (account, { id }) => client(account, id),
    detail: (_account, { expiresAt }) => ({ expiresAt: timeOrNull(expiresAt) }),
  },
  retireCredential: {
    action: 'retire-credential',
    subject: (account, { id }) => client(account, id),
    // A client token is no secret: it stands in every request.
    detail: (_account, { clientToken }) => ({ clientToken }),
  },
  describeAccount: 'reads',
  contractIdentifiers: 'reads',
  listClients: 'reads',
  getClient: 'reads',
  notices: 'reads',
  webhooks: 'reads',
  renewalConflicts: 'reads',
  maintenance: 'reads',
  pauses: 'reads',
  reportedKeys: 'reads',
  organizations: 'reads',
} satisfies Partial<Acts>
