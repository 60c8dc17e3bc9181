import type { DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { Extent } from '../follow.ts'
import { createNameTable } from '../name-table.ts'
import { type ConvergenceOptions, createConvergence, type Failure, reasonOf } from './convergence.ts'
import type { WithLock } from './process-lock.ts'

export interface HaproxyNetworkOptions extends ConvergenceOptions {
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
  drop(id: DeploymentId): void
  servingOf(name: string): EdgeGeneration | null
}

export function createHaproxyNetwork(options: HaproxyNetworkOptions): HaproxyNetwork {
  const { network, log } = options
  const names = createNameTable(network)
  const convergence = createConvergence(names, options)
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
    if (first === undefined) return
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

  return {
    network,
    put: names.put,
    assign: (changes, extent = 'some') => inTurn(() => assign(changes, extent)),
    isSound: () => inTurn(() => options.withLock(convergence.isSound)),
    drop: names.drop,
    servingOf: names.servingOf,
  }
}
