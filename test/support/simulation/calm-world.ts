import type { ChangeReference } from '../../../src/app/use-cases.ts'
import type { Change } from '../../../src/domain/change/change.ts'
import type { EnrollmentSettings } from '../../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../../src/domain/identifiers.ts'
import { MINUTE } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type { Edge } from '../../../src/ports/edge.ts'
import { dvSettings } from '../settings.ts'
import { openChange } from './memory/tables.ts'
import { createWorld, type World } from './world.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
/** Enough for one whose CA issues certificates of 90 days and takes as many orders as anybody likes. */
const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1)

export interface CalmWorld {
  readonly world: World
  /** While true, one edge of production takes nothing over and says why. */
  breakEdge(isBroken: boolean): void
  /** Everything that is due until then is done. */
  pass(milliseconds: number): Promise<void>
  enroll(cn: string, sans?: readonly string[], more?: Partial<EnrollmentSettings>): Promise<EnrollmentId>
  /** Whatever waits on staging for somebody. */
  acknowledge(id: EnrollmentId): Promise<void>
  /** Another certificate, for these names; not carried to its end where something is in the way. */
  renew(id: EnrollmentId, sans?: readonly string[]): Promise<ChangeReference>
  open(id: EnrollmentId): Change | undefined
  /** Everything that a refused call must leave as it is. */
  everything(): string
}

/** The real domain and use cases over the store in memory, where nothing goes wrong but what a test wants. */
export function createCalmWorld(): CalmWorld {
  let isBroken = false
  const burning = (own: Edge): Edge => ({
    ...own,
    id: 'burning',
    deploy: async (...given) => {
      if (isBroken) throw new Problem('edge-unreachable', { detail: 'It is on fire.' })
      return own.deploy(...given)
    },
  })
  const worldOf = (seed: number): World =>
    createWorld(
      {
        seed,
        days: 0,
        instead: ({ edges }) => ({
          failpoints: { reach: async () => {} },
          preVerification: 'pass' as const,
          edges: {
            ...edges,
            edgesOf: async (network) => {
              const own = await edges.edgesOf(network)
              return network === 'production' ? [...own, ...own.map(burning)] : own
            },
          },
        }),
      },
      { moved: () => {}, served: () => {}, ordered: () => {} },
    )
  const world = firstCalm(worldOf)
  const { useCases, caller, store } = world
  const pass = async (milliseconds: number): Promise<void> => {
    await useCases.advanceClock(caller, { by: milliseconds })
  }
  return {
    world,
    pass,
    breakEdge: (now) => void (isBroken = now),
    async enroll(cn, sans = [], more = {}) {
      const { enrollmentId } = await useCases.createEnrollment(caller, {
        contractId: contractId('1-SANDBOX'),
        settings: { ...dvSettings(cn, sans), ...more },
        schedule: NO_SCHEDULE,
        allowDuplicateCn: false,
      })
      await pass(MINUTE)
      return enrollmentId
    },
    async acknowledge(enrollmentId) {
      const waiting = openChange(store.tables, enrollmentId)
      if (waiting === undefined) throw new Error('nothing waits')
      const ref = { enrollmentId, changeId: waiting.id }
      await useCases.acknowledgeChangeManagement(caller, ref, 'acknowledge', null)
      await pass(MINUTE)
    },
    async renew(id, sans) {
      const changeId = await useCases.updateEnrollment(caller, id, {
        settings: (stored) => (sans === undefined ? stored : { ...stored, csr: { ...stored.csr, sans } }),
        schedule: NO_SCHEDULE,
        allowCancelPendingChanges: false,
        allowStagingBypass: false,
        forceRenewal: true,
        renewalDateCheckOverride: true,
        allowMissingCertificateAddition: false,
      })
      if (changeId === null) throw new Error('nothing began')
      await pass(MINUTE)
      return { enrollmentId: id, changeId }
    },
    open: (id) => openChange(store.tables, id),
    everything: () =>
      JSON.stringify(
        (
          [
            'enrollments',
            'changes',
            'deployments',
            'names',
            'pins',
            'certificates',
            'keyPairs',
            'notices',
          ] as const
        ).map((table) => [...store.tables[table].values()]),
      ),
  }
}

function firstCalm(worldOf: (seed: number) => World): World {
  for (const seed of SEEDS) {
    const world = worldOf(seed)
    if (world.profile === 'classic' && world.orderLimit === null) return world
  }
  throw new Error('no world is calm')
}
