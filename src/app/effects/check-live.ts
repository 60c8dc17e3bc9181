import { probeName } from '../../domain/enrollment/probe-name.ts'
import type { HandshakeRecord } from '../../ports/handshakes.ts'
import { handshakeRecord } from '../handshakes.ts'
import type { Effect } from './outcome.ts'

/** What production answers with now, kept as evidence of what a failed change has to leave in place. Nothing is live before a first certificate. */
export const checkLive: Effect = async ({ deps, locked, change, signal }) => {
  const live = (await locked.read.deployments.active(change.enrollmentId)).find(
    ({ network }) => network === 'production',
  )
  const name = live?.servedNames[0]
  const seen: HandshakeRecord[] = []
  if (name !== undefined) {
    for (const edge of await deps.edges.edgesOf('production')) {
      try {
        seen.push(
          handshakeRecord(
            change.id,
            edge.network,
            await edge.probe(probeName(name), signal),
            deps.clocks.real.now(),
          ),
        )
      } catch (error) {
        deps.observer.stepFailed({
          changeId: change.id,
          effect: 'check-live',
          code: 'edge-unreachable',
          cause: error,
        })
      }
    }
  }
  return { kind: 'event', event: 'live-checked', keeps: { handshakes: seen } }
}
