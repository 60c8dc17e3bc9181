import type { PauseWish, UseCases } from '../../src/app/use-cases.ts'
import type { Caller, GenerationsView } from '../../src/app/views.ts'
import { instant } from '../../src/domain/time.ts'
import type { PauseRecord } from '../../src/ports/pauses.ts'

const AT = instant(Date.UTC(2026, 0, 2, 3, 4, 5))

const scopeOf = ({ accountId }: Caller, { of, network }: PauseWish) => ({
  accountId: of === 'installation' ? null : accountId,
  enrollmentId: typeof of === 'number' ? of : null,
  network,
})

const nothingServed = async (_: Caller, enrollmentId: GenerationsView['enrollmentId']) => ({
  enrollmentId,
  live: null,
  pin: null,
  generations: [],
})

/** Pauses are kept; one edge serves production. */
export function createFakeEdges(): Pick<
  UseCases,
  | 'pauses'
  | 'pauseDeployments'
  | 'resumeDeployments'
  | 'edges'
  | 'generations'
  | 'rollBack'
  | 'pinGeneration'
  | 'unpinGeneration'
> {
  const kept = new Map<string, PauseRecord>()
  const all = async () => [...kept.values()]
  return {
    pauses: all,
    async pauseDeployments(caller, wish) {
      const scope = scopeOf(caller, wish)
      const pausedBy = caller.clientId
      kept.set(JSON.stringify(scope), { ...scope, reason: wish.reason, pausedBy, pausedAt: AT })
      return all()
    },
    async resumeDeployments(caller, wish) {
      kept.delete(JSON.stringify(scopeOf(caller, wish)))
      return all()
    },
    generations: nothingServed,
    rollBack: nothingServed,
    pinGeneration: nothingServed,
    unpinGeneration: nothingServed,
    edges: async () => [
      {
        id: 'builtin-production@test',
        network: 'production',
        addresses: ['127.0.0.1:9443'],
        status: {
          kind: 'builtin',
          version: 'Node.js 20, OpenSSL 3',
          capabilities: ['TLSv1.3'],
          fault: null,
          names: 1,
          digest: '0',
        },
        heardAt: AT,
        isHeard: true,
        state: 'serving',
        wishedNames: 1,
        lastProbe: null,
      },
    ],
  }
}
