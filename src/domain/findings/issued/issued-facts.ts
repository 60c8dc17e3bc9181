import type { Finding } from '../../change/change.ts'
import type { ValidationType } from '../../enrollment/enrollment.ts'
import type { WarningId } from '../catalogue.ts'
import type { UploadedCertificate, UploadFacts } from '../third-party/upload-facts.ts'

/** A certificate that a CA of ours issued is looked at as an uploaded one is; more is known of it. */
export interface IssuedFacts extends UploadFacts {
  readonly validationType: Exclude<ValidationType, 'third-party'>
}

/** Rules for uploads fit here too. */
export interface IssuedRule {
  readonly ids: readonly WarningId[]
  readonly find: (issued: UploadedCertificate, facts: IssuedFacts) => readonly Finding[]
}
