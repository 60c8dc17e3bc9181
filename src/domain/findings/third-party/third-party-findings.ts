import type { Finding } from '../../change/change.ts'
import type { WarningId } from '../catalogue.ts'
import { chainDates } from './chain-dates.ts'
import { chainEmpty } from './chain-empty.ts'
import { chainExpiresFirst } from './chain-expires-first.ts'
import { chainExtra } from './chain-extra.ts'
import { chainOrder } from './chain-order.ts'
import { chainRoot } from './chain-root.ts'
import { chainRootIncluded } from './chain-root-included.ts'
import { chainSignature } from './chain-signature.ts'
import { commonName } from './common-name.ts'
import { commonNameAmongNames } from './common-name-among-names.ts'
import { expiresSoon } from './expires-soon.ts'
import { keyElsewhere } from './key-elsewhere.ts'
import { leafInChain } from './leaf-in-chain.ts'
import { livesTooLong } from './lives-too-long.ts'
import { MISSING_CERTIFICATE, missingCertificates } from './missing-certificate.ts'
import { nameCase } from './name-case.ts'
import { namesAdded } from './names-added.ts'
import { namesMissing } from './names-missing.ts'
import { namesStillLive } from './names-still-live.ts'
import { namesTooMany } from './names-too-many.ts'
import type { FindingRule } from './rule.ts'
import { selfSigned } from './self-signed.ts'
import { signatureHash } from './signature-hash.ts'
import { subjectFields } from './subject-fields.ts'
import type { UploadFacts } from './upload-facts.ts'

/** In the order in which findings are told: names, subject, life, key and signature, chain. */
const RULES: readonly FindingRule[] = [
  namesMissing,
  namesAdded,
  nameCase,
  namesTooMany,
  namesStillLive,
  commonName,
  commonNameAmongNames,
  subjectFields,
  expiresSoon,
  livesTooLong,
  signatureHash,
  keyElsewhere,
  selfSigned,
  leafInChain,
  chainOrder,
  chainExtra,
  chainSignature,
  chainDates,
  chainExpiresFirst,
  chainEmpty,
  chainRoot,
  chainRootIncluded,
]

/** Told, but no reason to stop: whoever uploads one certificate of a dual stack knows it. */
const INFORMATIVE: readonly string[] = [MISSING_CERTIFICATE]

export const THIRD_PARTY_WARNING_IDS: readonly WarningId[] = [
  ...RULES.flatMap(({ ids }) => ids),
  MISSING_CERTIFICATE,
]

/** Everything in which an upload differs from what was asked for, each once, in a stable order; empty: nothing. */
export function thirdPartyFindings(facts: UploadFacts): readonly Finding[] {
  const found = RULES.flatMap(({ find }) => facts.uploads.flatMap((upload) => find(upload, facts)))
  const byText = new Map([...found, ...missingCertificates(facts)].map((one) => [one.text, one]))
  return [...byText.values()]
}

/** Whether somebody has to acknowledge them before the change goes on (`wait-review-third-party-cert`). */
export const needReview = (findings: readonly Finding[]): boolean =>
  findings.some(({ id }) => !INFORMATIVE.includes(id))
