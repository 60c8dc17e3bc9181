import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import type { EdgeGeneration, EdgeTrustSet } from '../../ports/edge.ts'
import type { Extent } from '../follow.ts'
import { createNameTable } from '../name-table.ts'
import { type TrustKey, trustKeyOf, trustKeyText } from '../trust.ts'
import { createConvergence, reasonOf } from './convergence.ts'
import type { HaproxyOptions } from './haproxy-parts.ts'
import type { Failure } from './passes.ts'
import type { WithLock } from './process-lock.ts'

export interface HaproxyNetworkOptions extends Omit<HaproxyOptions, 'trustSetOf'> {
  readonly withLock: WithLock
}

/** A network that a HAProxy serves: `assign` makes the running process answer, proves that it does, and lets its files follow. */
export interface HaproxyNetwork {
  readonly network: Network
  put(generation: EdgeGeneration): void
  /**
   * What is rejected changed nothing: names are answered as before, or as soon as HAProxy can be reached again. `all` holds process and files against every
   * name; `some` against these names alone, which costs the same however many others there are.
   */
  assign(names: ReadonlyMap<string, DeploymentId | null>, extent?: Extent): Promise<void>
  /** Whether the same process still serves what it was led to, and its files say so, as far as a look at some of them tells. False asks for `assign` of all. */
  isSound(): Promise<boolean>
  /** Names whose generations name the set are moved to it; where that fails the former one stays in force, and `isSound` is false until it is done. */
  trust(key: TrustKey, set: EdgeTrustSet | null): Promise<void>
  drop(id: DeploymentId): void
  servingOf(name: string): EdgeGeneration | null
}

export function createHaproxyNetwork(options: HaproxyNetworkOptions): HaproxyNetwork {
  const { network, log } = options
  const names = createNameTable(network)
  const sets = new Map<string, EdgeTrustSet | null>()
  const convergence = createConvergence(names, {
    ...options,
    trustSetOf(generation) {
      const key = trustKeyOf(generation)
      return key === null ? null : sets.get(trustKeyText(key))
    },
  })
  /** A trust-chain set has changed, and HAProxy does not enforce it yet. */
  let isOwing = false
  /** Before that nothing is known to go back to. */
  let isKnown = false
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work)
    turn = next.catch(() => {})
    return next
  }

  async function assign(changes: ReadonlyMap<string, DeploymentId | null>, extent: Extent): Promise<void> {
    const before = new Map([...changes.keys()].map((name) => [name, names.assignmentOf(name)] as const))
    const touched = new Set([...before.values(), ...changes.values()].filter((id) => id !== null))
    names.assign(changes)
    let failures: readonly Failure[]
    try {
      failures = await options.withLock(() => convergence.converge({ touched, extent, isTried: true }))
    } catch (error) {
      if (isKnown) names.assign(before)
      throw error
    }
    const wasKnown = isKnown
    isKnown = true
    const [first] = failures
    if (first === undefined) {
      if (extent === 'all') isOwing = false
      return
    }
    const failed = failures.flatMap((failure) => failure.names)
    if (wasKnown) await goBack(failed, before, touched)
    throw first.error
  }

  /** At once, and without a trial: it was served a moment ago. */
  async function goBack(
    failed: readonly string[],
    before: ReadonlyMap<string, DeploymentId | null>,
    touched: ReadonlySet<DeploymentId>,
  ): Promise<void> {
    const back = failed.filter((name) => before.has(name))
    names.assign(new Map(back.map((name) => [name, before.get(name) ?? null])))
    try {
      await options.withLock(() => convergence.converge({ touched, extent: 'some', isTried: false }))
    } catch (error) {
      log.warn({ network, reason: reasonOf(error) }, 'HAProxy could not be led back')
    }
  }

  async function trust(key: TrustKey, set: EdgeTrustSet | null): Promise<void> {
    const text = trustKeyText(key)
    const isSame = sets.has(text) && sets.get(text)?.revision === set?.revision
    sets.set(text, set)
    if (isSame) return
    const touched = new Set(
      [...names.assignments().keys()].filter((each) => isNamedBy(each, text)).map(({ id }) => id),
    )
    if (touched.size === 0) return
    isOwing = true
    try {
      const failures = await options.withLock(() =>
        convergence.converge({ touched, extent: 'some', isTried: true }),
      )
      isOwing = failures.length > 0
    } catch (error) {
      log.warn({ network, reason: reasonOf(error) }, 'HAProxy could not be told of a trust-chain set')
    }
  }

  /** All of a turn's looks are taken, whatever the first ones see: what differs is mended together. */
  async function isSound(): Promise<boolean> {
    let isAllSound = true
    for (let look = Math.max(1, convergence.looks); look > 0; look--) {
      const isOne = await inTurn(async () => !isOwing && (await options.withLock(convergence.isNextSound)))
      isAllSound &&= isOne
    }
    return isAllSound
  }

  return {
    network,
    put: names.put,
    assign: (changes, extent = 'some') => inTurn(() => assign(changes, extent)),
    isSound,
    trust: (key, set) => inTurn(() => trust(key, set)),
    drop: names.drop,
    servingOf: names.servingOf,
  }
}

function isNamedBy(generation: EdgeGeneration, text: string): boolean {
  const key = trustKeyOf(generation)
  return key !== null && trustKeyText(key) === text
}
