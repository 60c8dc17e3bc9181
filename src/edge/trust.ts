import type { AccountId, DeploymentId } from '../domain/identifiers.ts'
import type { EdgeGeneration, EdgeTrustSet } from '../ports/edge.ts'
import type { SteeredNetwork } from './follow.ts'

export interface TrustSource {
  /** What the network enforces now; null: the account has no such set, and nobody is asked for a certificate. */
  trustSet(accountId: AccountId, setId: string): Promise<EdgeTrustSet | null>
}

/** A network that enforces trust-chain sets. Until it was told of a set that a generation names, it answers nobody for that generation. */
export interface TrustingNetwork extends SteeredNetwork {
  trust(key: TrustKey, set: EdgeTrustSet | null): void | Promise<void>
}

export interface TrustKey {
  readonly accountId: AccountId
  readonly setId: string
}

export interface TrustFollower extends SteeredNetwork {
  /** Reads a set anew where a generation of the network names it. */
  refresh(key: TrustKey): Promise<void>
  refreshAll(): Promise<void>
}

export const trustKeyOf = ({ accountId, settings }: EdgeGeneration): TrustKey | null => {
  const setId = settings.clientMutualAuthentication?.setId ?? ''
  return setId === '' ? null : { accountId, setId }
}

export const trustKeyText = ({ accountId, setId }: TrustKey): string => `${accountId} ${setId}`

/** Steers a network so that a name is answered by a generation only after its trust-chain set was read, one read at a time: an older answer never overwrites a newer one. */
export function createTrustFollower(source: TrustSource, network: TrustingNetwork): TrustFollower {
  const needed = new Map<DeploymentId, TrustKey>()
  const known = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = turn.then(work, work)
    turn = next.catch(() => {})
    return next
  }

  async function read(key: TrustKey): Promise<void> {
    await network.trust(key, await source.trustSet(key.accountId, key.setId))
    known.add(trustKeyText(key))
  }

  const distinct = (): readonly TrustKey[] => [
    ...new Map([...needed.values()].map((key) => [trustKeyText(key), key])).values(),
  ]

  return {
    put(generation) {
      const key = trustKeyOf(generation)
      if (key !== null) needed.set(generation.id, key)
      network.put(generation)
    },
    async assign(names, extent) {
      await inTurn(async () => {
        for (const key of distinct()) if (!known.has(trustKeyText(key))) await read(key)
      })
      await network.assign(names, extent)
    },
    drop(id) {
      network.drop(id)
      needed.delete(id)
    },
    refresh: (key) =>
      inTurn(async () => {
        if (distinct().some((each) => trustKeyText(each) === trustKeyText(key))) await read(key)
        else known.delete(trustKeyText(key))
      }),
    refreshAll: () =>
      inTurn(async () => {
        for (const key of distinct()) await read(key)
      }),
  }
}
