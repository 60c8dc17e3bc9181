import { probeName } from '../../domain/enrollment/probe-name.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge } from '../../ports/edge.ts'
import { asHeld, heldBack } from './held-back.ts'
import { waitsOf } from './looks.ts'
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
      if (names[0] !== undefined) await proveGone(context, edge, probeName(names[0]), gone)
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
  name: string,
  gone: ReadonlySet<string>,
): Promise<void> {
  const { deps, signal } = context
  for (const delay of await waitsOf(context)) {
    if (delay > 0) await deps.pause(delay, signal)
    const seen = await edge.probe(name, signal).catch(() => null)
    if (seen === null || !gone.has(seen.fingerprint)) return
  }
  throw new Problem('edge-unreachable', {
    detail: `${edge.id} still answers for ${name} with the removed certificate.`,
  })
}

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
