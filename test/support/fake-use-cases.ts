import type { UseCases } from '../../src/app/use-cases.ts'
import type {
  AuditEntryView,
  Caller,
  ChangeEventView,
  ChangeView,
  Explanation,
  NameValidationView,
} from '../../src/app/views.ts'
import { isOpen } from '../../src/domain/change/vocabulary.ts'
import {
  accountId,
  type ChangeId,
  changeId,
  contractId,
  type EnrollmentId,
  enrollmentId,
} from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'
import { createFakeEdges } from './fake-edges.ts'
import { createFakeTrustChainSets } from './fake-trust-chain-sets.ts'
import { createFakeZones } from './fake-zones.ts'
import { createFakeClients } from './fake-clients.ts'
import { createFakeLifecycle, type LifecycleEntry } from './fake-lifecycle.ts'

interface Kept extends LifecycleEntry {
  challenges: readonly NameValidationView[]
}

/** Use cases over a map, for tests of what is in front of them: accounts are kept apart, moments are refused, nothing proceeds by itself. */
export function createFakeUseCases(contracts: Readonly<Record<string, readonly string[]>>) {
  const kept = new Map<number, Kept>()
  const calls: string[] = []
  const wakes = new Set<() => void>()
  const events: ChangeEventView[] = []
  const audit: AuditEntryView[] = []
  let next = 10_001
  let missing: readonly string[] = []
  let fault: Error | null = null

  const wakeAll = (): void => {
    for (const wake of [...wakes]) wake()
  }

  function find(caller: Caller, id: EnrollmentId): Kept {
    const found = kept.get(id)
    if (found === undefined || found.accountId !== caller.accountId) throw new Problem('not-found')
    return found
  }

  function findChange(caller: Caller, id: EnrollmentId, change: ChangeId): Kept {
    const found = find(caller, id)
    if (found.change.id !== change) throw new Problem('not-found')
    return found
  }

  /** Resolves at the next wake, at the end of the time, or when the signal aborts. */
  const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        wakes.delete(end)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(end, seconds * 1000)
      wakes.add(end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })

  const lifecycle = createFakeLifecycle({
    find,
    findChange,
    all: (caller) => [...kept.values()].filter((entry) => entry.accountId === caller.accountId),
    remove: (id) => void kept.delete(id),
    nextId: () => next++,
    audit,
  })

  const useCases: UseCases = {
    ...lifecycle.useCases,
    ...createFakeZones(contracts),
    ...createFakeTrustChainSets(),
    ...createFakeEdges(),
    async createEnrollment(caller, input) {
      calls.push('createEnrollment')
      if (fault !== null) throw fault
      if (!(contracts[caller.accountId] ?? []).includes(input.contractId))
        throw new Problem('invalid-contract')
      const id = enrollmentId(next++)
      const change = changeId(next++)
      kept.set(id, {
        accountId: caller.accountId,
        enrollment: {
          id,
          contractId: input.contractId,
          settings: input.settings,
          assignedSlots: [7],
          stagingSlots: [],
          productionSlots: [],
          autoRenewalStartTime: null,
          pendingChanges: [{ changeId: change, action: 'new-certificate' }],
        },
        change: {
          id: change,
          enrollmentId: id,
          action: 'new-certificate',
          status: 'coordinate-domain-validation',
          state: 'running',
          error: null,
          schedule: input.schedule,
        },
        challenges: [],
        deployments: { staging: null, production: null },
        shown: {},
      })
      return { enrollmentId: id, changeId: change }
    },
    async listEnrollments(caller, contract) {
      return [...kept.values()]
        .filter((entry) => entry.accountId === caller.accountId)
        .map((entry) => entry.enrollment)
        .filter((enrollment) => contract === null || enrollment.contractId === contract)
    },
    getEnrollment: async (caller, id) => find(caller, id).enrollment,
    getChange: async (caller, { enrollmentId: id, changeId: change }) =>
      findChange(caller, id, change).change,
    async waitForChange(caller, { enrollmentId: id, changeId: change }, seconds, signal) {
      const before = findChange(caller, id, change).change
      if (isOpen(before)) {
        calls.push('waiting')
        await pause(seconds, signal)
      }
      return findChange(caller, id, change).change
    },
    async getChallenges(caller, { enrollmentId: id, changeId: change }) {
      const { challenges } = findChange(caller, id, change)
      if (challenges.length === 0) throw new Problem('not-found')
      return challenges
    },
    async acknowledgeChallenges(caller, { enrollmentId: id, changeId: change }, word) {
      const found = findChange(caller, id, change)
      if (!isOpen(found.change)) throw new Problem('not-found')
      calls.push(`acknowledgeChallenges ${word}`)
    },
    getDeployments: async (caller, id) => find(caller, id).deployments,
    contractIdentifiers: async (caller) => (contracts[caller.accountId] ?? []).map(contractId),
    describeAccount: async (caller) => ({
      id: caller.accountId,
      name: `Account ${caller.accountId}`,
      contracts: (contracts[caller.accountId] ?? []).map(contractId),
    }),
    async explain(caller, { enrollmentId: id, changeId: change }): Promise<Explanation> {
      return {
        change: findChange(caller, id, change).change,
        step: 'Coordinating domain name validation.',
        since: instant(0),
        waitsFor: 'the names to be validated',
        moves: [{ who: 'anybody', how: 'certrail acknowledge' }],
        until: instant(1_000),
        otherwise: null,
        findings: [],
        notEnforced: [],
        timeline: [{ at: instant(0), status: 'generate-csr', state: 'running', event: 'started' }],
        handshakes: [],
        validations: [],
        failedLooks: [],
        lostNames: [],
        comparison: null,
        document: null,
      }
    },
    async *events(_, lastEventId, signal) {
      let last = lastEventId ?? events.at(-1)?.id ?? 0
      calls.push('listening')
      while (!signal.aborted) {
        const fresh = events.filter((event) => event.id > last)
        yield* fresh
        last = fresh.at(-1)?.id ?? last
        if (fresh.length === 0) await pause(60, signal)
      }
    },
    clock: async () => ({ now: lifecycle.now(), offsetSeconds: 60 }),
    createAccount: async (_, { name, switchKey }) => ({
      id: accountId(`A-${name}`),
      switchKey: switchKey ?? `${name}:1`,
    }),
    createContract: async (_, account, id) => contractId(id ?? `${account}-C`),
    ...createFakeClients(),
    missing: async () => missing,
  }

  return {
    useCases,
    /** What was asked for, in order. */
    calls,
    /** What the use cases of the lifecycle were given, in order. */
    records: lifecycle.records,
    refuseUploadsWith: lifecycle.refuseUploadsWith,
    audit,
    change(id: number, facts: Partial<ChangeView>): void {
      const entry = kept.get(id) as Kept
      entry.change = { ...entry.change, ...facts }
      wakeAll()
    },
    place(
      id: number,
      facts: Partial<Pick<Kept, 'challenges' | 'deployments' | 'enrollment' | 'shown'>>,
    ): void {
      Object.assign(kept.get(id) as Kept, facts)
    },
    emit(event: ChangeEventView): void {
      events.push(event)
      wakeAll()
    },
    lack(what: readonly string[]): void {
      missing = what
    },
    failNextWith(error: Error | null): void {
      fault = error
    },
  }
}

export type FakeUseCases = ReturnType<typeof createFakeUseCases>
