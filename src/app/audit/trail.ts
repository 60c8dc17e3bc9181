import type { AccountId } from '../../domain/identifiers.ts'
import type { Clocks } from '../../ports/clock.ts'
import type { ApiClient } from '../../ports/api-clients.ts'
import type { Repositories } from '../../ports/store.ts'
import { toWireTime } from '../../domain/time.ts'
import type { Caller } from '../views.ts'
import type { Act, Detail, Subject } from './act.ts'

/** What a transaction did that the input of the use case does not say. */
export interface Notes {
  /** An account, a contract or a client: made as a step of its own, so it has its own action. */
  made: { readonly action: string; readonly object: string; readonly document: object } | null
  /** The enrollment that was made. */
  subject: Subject | null
  detail: Detail
}

export interface Trail {
  /** At the beginning of a transaction; the answer is called at its end, in it. */
  open(tx: Repositories): Promise<(notes: Notes) => Promise<void>>
  /** An entry about something that the store's transactions do not show. */
  note(tx: Repositories, detail: Detail): Promise<void>
}

export const emptyNotes = (): Notes => ({ made: null, subject: null, detail: {} })

/** Writes the entries of one call. */
export function createTrail<Input extends readonly unknown[]>(
  clocks: Clocks,
  caller: Caller,
  act: Act<Input>,
  input: Input,
): Trail {
  const wanted = act.subject(...input)
  const common = { client: caller.clientId, request: caller.requestId }
  const documentOf = (tx: Repositories, subject: Subject) => subjectDocument(tx, clocks, caller, subject)
  const append = (
    tx: Repositories,
    entry: { action: string; object: string; before: object | null; after: object | null; detail: Detail },
  ) =>
    tx.audit.append({
      ...entry,
      realAt: clocks.real.now(),
      lifecycleAt: clocks.lifecycle.now(),
      accountId: caller.accountId,
      actor: caller.clientName,
      source: caller.source,
      detail: { ...entry.detail, ...common },
      digested: entry.action === act.action ? (act.digested?.(...input) ?? {}) : {},
    })

  return {
    async open(tx) {
      const before = await documentOf(tx, wanted)
      const seen = (await act.seen?.(tx, ...input)) ?? {}
      return async (notes) => {
        if (notes.made !== null) {
          const { document: after, ...made } = notes.made
          await append(tx, {
            ...made,
            before: null,
            after,
            detail: made.action === act.action ? act.detail(...input) : {},
          })
          return
        }
        const subject = notes.subject ?? wanted
        const after = await documentOf(tx, subject)
        const detail = { ...act.detail(...input), ...seen, ...notes.detail }
        await append(tx, { action: act.action, object: objectOf(subject, caller), before, after, detail })
      }
    },
    async note(tx, detail) {
      const document = await documentOf(tx, wanted)
      const seen = (await act.seen?.(tx, ...input)) ?? {}
      await append(tx, {
        action: act.action,
        object: objectOf(wanted, caller),
        before: document,
        after: document,
        detail: { ...act.detail(...input), ...seen, ...detail },
      })
    },
  }
}

/** As paths of the API name it. */
function objectOf(subject: Subject, caller: Caller): string {
  if (subject.kind === 'enrollment') return `enrollments/${subject.id}`
  if (subject.kind === 'client') return `accounts/${subject.accountId}/clients/${subject.id}`
  if (subject.kind === 'change') return `enrollments/${subject.enrollmentId}/changes/${subject.changeId}`
  if (subject.kind === 'zone') return `zones/${subject.name}`
  if (subject.kind === 'trust-chain-set') return `trust-chain-sets/${subject.id}`
  return subject.kind === 'clock' ? 'clock' : `accounts/${caller.accountId}`
}

/** Without tokens and secrets. */
export const clientDocument = ({ client, credentials }: ApiClient): object => {
  const { id, accountId, name, role, maySwitch, switchAccounts, disabled, expiresAt } = client
  return {
    ...{ id, accountId, name, role, maySwitch, switchAccounts, disabled },
    expiresAt: expiresAt === null ? null : toWireTime(expiresAt),
    credentials: credentials.map(({ version, retiredAt }) => ({ version, retired: retiredAt !== null })),
  }
}

/** What digests are of: the object as its readers see it. Null: there is none, or not any more. */
async function subjectDocument(
  tx: Repositories,
  { lifecycle }: Clocks,
  { accountId }: Caller,
  subject: Subject,
): Promise<object | null> {
  if (subject.kind === 'clock') return { now: toWireTime(lifecycle.now()) }
  if (subject.kind === 'new') return null
  if (subject.kind === 'trust-chain-set') return trustDocument(tx, accountId, subject.id)
  if (subject.kind === 'zone') return zoneDocument(tx, accountId, subject.name)
  if (subject.kind === 'client') {
    const found = await tx.clients.find(subject.accountId, subject.id)
    return found === null ? null : clientDocument(found)
  }
  if (subject.kind === 'account') {
    const pauses = (await tx.pauses.concerning(accountId)).map(({ accountId: _, ...pause }) => pause)
    return { maintenance: await tx.maintenances.of(accountId), pauses }
  }
  if (subject.kind === 'enrollment') {
    const found = await tx.enrollments.find(accountId, subject.id)
    if (found === null) return null
    const { id, contractId, settings, assignedSlots, autoRenewalStartTime } = found
    const pin = await tx.pins.of(subject.id)
    return { id, contractId, settings, assignedSlots, autoRenewalStartTime, ...(pin && { pin }) }
  }
  const found = await tx.changes.find(accountId, subject.enrollmentId, subject.changeId)
  if (found === null) return null
  const { id, enrollmentId, action, status, state, settings, findings, error, notBefore, notAfter } = found
  return { id, enrollmentId, action, status, state, settings, findings, error, notBefore, notAfter }
}

async function zoneDocument(tx: Repositories, account: AccountId, name: string): Promise<object | null> {
  const found = await tx.dnsZones.find(account, name)
  if (found === null) return null
  const { contractId, comment, endCustomerId, signAndServe, signAndServeAlgorithm, serial } = found
  const settings = { contractId, comment, endCustomerId, signAndServe, signAndServeAlgorithm }
  return { name, ...settings, serial, recordSets: await tx.dnsZones.recordSets(name) }
}

async function trustDocument(tx: Repositories, account: AccountId, id: string): Promise<object | null> {
  const found = await tx.trustChainSets.find(account, id)
  if (found === null) return null
  const revisions = await tx.trustChainSets.revisions(account, id)
  return {
    id,
    name: found.name,
    active: found.active,
    revisions: revisions.map(({ revision, certificates }) => ({ revision, certificates })),
  }
}
