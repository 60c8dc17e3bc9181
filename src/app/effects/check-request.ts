import type { Change } from '../../domain/change/change.ts'
import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { type NameStanding, type RequestFacts } from '../../domain/findings/request/request-facts.ts'
import { requestFindings } from '../../domain/findings/request/request-findings.ts'
import { namesLiveFor } from '../live-names.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** Pre-verification: what is doubtful about the request before anything is made for it. One finding per line, texts of the catalogue (spec: behaviour E4). */
export const checkRequest: Effect = async (context) => {
  const findings = requestFindings(await factsOf(context))
  const stops = findings.length > 0 && context.deps.preVerification === 'review'
  return { kind: 'event', event: stops ? 'checks-found' : 'checks-passed', findings }
}

async function factsOf(context: EffectContext): Promise<RequestFacts> {
  const { locked, change } = context
  const [settled, liveNames, overlaps, standings] = await Promise.all([
    locked.read.lifecycle.settled(change.enrollmentId),
    namesLiveFor(locked.read, change.enrollmentId),
    locked.read.enrollments.overlappingNames(
      change.accountId,
      change.enrollmentId,
      requestedNames(change.settings),
    ),
    standingsOf(context),
  ])
  return { settings: change.settings, settled, liveNames, overlaps, standings }
}

/** Only where an authority of ours is about to be asked: nobody else is concerned by what DNS says of these names. */
async function standingsOf({ deps, change, signal }: EffectContext): Promise<readonly NameStanding[]> {
  const { validationType } = change.settings
  if (validationType === 'third-party' || deps.requestLook === null || !isIssuing(change)) return []
  return deps.requestLook({ names: requestedNames(change.settings), validationType }, signal)
}

const isIssuing = ({ action }: Change): boolean => action !== 'network-only' && action !== 'removal'
