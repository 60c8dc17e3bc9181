import type { Finding } from '../../change/change.ts'
import type { WarningId } from '../catalogue.ts'
import { hostLookup } from './host-lookup.ts'
import { issuerAllowed } from './issuer-allowed.ts'
import { namesNotContained } from './names-not-contained.ts'
import { namesOverlapping } from './names-overlapping.ts'
import { namesRemoved } from './names-removed.ts'
import { namesStillLive } from './names-still-live.ts'
import { notDelegated } from './not-delegated.ts'
import type { RequestFacts } from './request-facts.ts'
import type { RequestRule } from './rule.ts'
import { trafficClass } from './traffic-class.ts'

/** In the order in which findings are told. */
const RULES: readonly RequestRule[] = [
  namesRemoved,
  namesStillLive,
  namesOverlapping,
  trafficClass,
  namesNotContained,
  hostLookup,
  issuerAllowed,
  notDelegated,
]

export const REQUEST_WARNING_IDS: readonly WarningId[] = RULES.flatMap(({ ids }) => ids)

/** What is doubtful about a request before anything is made for it (pre-verification); empty: nothing. */
export const requestFindings = (facts: RequestFacts): readonly Finding[] =>
  RULES.flatMap(({ find }) => find(facts)).map((found) => ({ ...found, stage: 'pre-verification' as const }))
