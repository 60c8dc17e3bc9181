import type { Finding } from '../../change/change.ts'
import type { WarningId } from '../catalogue.ts'
import type { UploadedCertificate, UploadFacts } from './upload-facts.ts'

/** One thing to look at in an upload. `ids` are all that `find` may answer with. */
export interface FindingRule {
  readonly ids: readonly WarningId[]
  readonly find: (upload: UploadedCertificate, facts: UploadFacts) => readonly Finding[]
}
