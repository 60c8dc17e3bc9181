import { Edges, Generations, type KnownEdge, type Pause, Pauses } from './answers.ts'
import { type Exchanges, PLAIN_JSON } from './exchanges.ts'

/** Undefined enrollment: the account, or the installation. */
export interface PauseScope {
  readonly enrollmentId?: number
  readonly installation: boolean
  readonly network?: string
}

export interface GenerationWish {
  readonly generation: number | null
  readonly reason: string
}

const ownPath = (id: number): string => `/certrail/v1/enrollments/${id}`

/** Our own API: what serves the networks, and what is kept from them. */
export function createEdgeCalls({ get, send }: Exchanges) {
  return {
    edges: async (): Promise<readonly KnownEdge[]> =>
      (await get('/certrail/v1/edges', PLAIN_JSON, Edges)).edges,

    pauses: async (): Promise<readonly Pause[]> =>
      (await get('/certrail/v1/pauses', PLAIN_JSON, Pauses)).pauses,

    pause: async (scope: PauseScope, reason: string): Promise<readonly Pause[]> => {
      const value = { network: scope.network ?? null, reason }
      const content = { type: PLAIN_JSON, value }
      return (await send('PUT', pathOf(scope), { accept: PLAIN_JSON, shape: Pauses, content })).pauses
    },

    generations: (id: number): Promise<Generations> =>
      get(`${ownPath(id)}/generations`, PLAIN_JSON, Generations),

    rollBack: (id: number, value: GenerationWish): Promise<Generations> =>
      send('POST', `${ownPath(id)}/rollback`, {
        accept: PLAIN_JSON,
        shape: Generations,
        content: { type: PLAIN_JSON, value },
      }),

    pin: (id: number, value: GenerationWish): Promise<Generations> =>
      send('PUT', `${ownPath(id)}/pin`, {
        accept: PLAIN_JSON,
        shape: Generations,
        content: { type: PLAIN_JSON, value },
      }),

    unpin: (id: number): Promise<Generations> =>
      send('DELETE', `${ownPath(id)}/pin`, { accept: PLAIN_JSON, shape: Generations }),

    resume: async (scope: PauseScope): Promise<readonly Pause[]> => {
      const query = scope.network === undefined ? '' : `?network=${scope.network}`
      return (await send('DELETE', pathOf(scope) + query, { accept: PLAIN_JSON, shape: Pauses })).pauses
    },
  }
}

function pathOf({ enrollmentId, installation }: PauseScope): string {
  if (installation) return '/certrail/v1/installation/pause'
  return enrollmentId === undefined ? '/certrail/v1/pause' : `/certrail/v1/enrollments/${enrollmentId}/pause`
}
