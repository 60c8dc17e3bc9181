import type { Finding } from '../../change/change.ts'
import type { WarningId } from '../catalogue.ts'
import type { RequestFacts } from './request-facts.ts'

/** One thing to look at in a request. `ids` are all that `find` may answer with. */
export interface RequestRule {
  readonly ids: readonly WarningId[]
  readonly find: (facts: RequestFacts) => readonly Finding[]
}
