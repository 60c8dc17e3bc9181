import { probeName } from '../../domain/enrollment/probe-name.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge } from '../../ports/edge.ts'
import { asHeld, heldBack } from './held-back.ts'
import { AWAY, waitsOf } from './looks.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** Takes the enrollment off both networks. Removed means that no client sees its certificates any more. */
export const withdrawFromNetworks: Effect = async (context) => {
  const { deps, locked, change, signal } = context
  const held = await heldFromRemoval(context)
  if (held !== null) return asHeld(held)
  const withdrawn = await locked.transaction((tx) => tx.lifecycle.withdraw(change.enrollmentId))
  const certificates = await locked.read.certificates.byIds(
    withdrawn.flatMap(({ certificateIds }) => certificateIds),
  )
  const gone = new Set(certificates.map(({ fingerprint }) => fingerprint))
  for (const { id, network, names } of withdrawn) {
    for (const edge of await deps.edges.edgesOf(network)) {
      await edge.withdraw(id, names, signal)
      await proveGone(context, edge, names, gone)
    }
  }
  return { kind: 'event', event: 'withdrawn' }
}

/** A removal that has begun is finished. */
async function heldFromRemoval(context: EffectContext): ReturnType<typeof heldBack> {
  const active = await context.locked.read.deployments.active(context.change.enrollmentId)
  for (const { network } of active) {
    const held = await heldBack(context, network)
    if (held !== null) return held
  }
  return null
}

/** Another certificate, or none: both mean that ours is gone. An edge that cannot be reached serves nobody. */
async function proveGone(
  context: EffectContext,
  edge: Edge,
  names: readonly string[],
  gone: ReadonlySet<string>,
): Promise<void> {
  const { deps, signal } = context
  let left: readonly string[] = names
  for (const delay of await waitsOf(context)) {
    if (delay > 0) await deps.pause(delay, signal)
    left = await stillAnswered(edge, left, gone, signal)
    if (left.length === 0 && !(await isSeenWithoutName(edge, names, gone, signal))) return
  }
  const shown = left.length === 0 ? 'clients that say no name' : left.slice(0, 3).join(', ')
  throw new Problem('edge-unreachable', {
    detail: `${edge.id} still answers for ${shown} with the removed certificate.`,
  })
}

const NAMES_AT_ONCE = 8

/** Every name, since each is taken off by itself; an edge that nobody reaches is not asked for all of them. */
async function stillAnswered(
  edge: Edge,
  names: readonly string[],
  gone: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const left: string[] = []
  for (let start = 0; start < names.length && !signal.aborted; start += NAMES_AT_ONCE) {
    const batch = names.slice(start, start + NAMES_AT_ONCE)
    const looks = await Promise.all(batch.map((name) => look(edge, name, gone, signal)))
    if (looks.every((seen) => seen === 'away')) break
    left.push(...batch.filter((_, index) => looks[index] === 'ours'))
  }
  return left
}

async function look(
  edge: Edge,
  name: string,
  gone: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<'ours' | 'gone' | 'away'> {
  try {
    return gone.has((await edge.probe(probeName(name), signal)).fingerprint) ? 'ours' : 'gone'
  } catch (error) {
    const seen = error instanceof Problem ? error.members['seen'] : null
    // Where addresses answer with different certificates one of them may be ours.
    if (seen === 'disagreement') return 'ours'
    return AWAY.some((each) => each === seen) ? 'away' : 'gone'
  }
}

const isSeenWithoutName = async (
  edge: Edge,
  names: readonly string[],
  gone: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<boolean> =>
  (await edge.probeWithoutName(names, signal).catch(() => [])).some(({ fingerprint }) =>
    gone.has(fingerprint),
  )

export const destroySigningRequest: Effect = async ({ deps, change }) => ({
  kind: 'event',
  event: 'signing-request-destroyed',
  write: (tx) => tx.lifecycle.destroyKeys(change.enrollmentId, deps.clocks.lifecycle.now()),
})

/** The last step: with it the enrollment is gone, so that no update comes between. */
export const abandonSlots: Effect = async ({ deps, change }) => ({
  kind: 'event',
  event: 'slots-abandoned',
  write: async (tx) => {
    await tx.lifecycle.releaseSlots(change.enrollmentId)
    await tx.lifecycle.remove(change.enrollmentId, deps.clocks.lifecycle.now())
  },
})
