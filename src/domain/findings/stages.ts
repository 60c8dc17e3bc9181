import type { Finding } from '../change/change.ts'
import { WARNINGS, type WarningId } from './catalogue.ts'

/** Where a warning is shown: while the request is looked at, or when a certificate is there. */
export type WarningStage = 'pre-verification' | 'post-verification' | 'either'

/** By content, since the CPS API lists no split (spec: behaviour E1): names, DNS, CAA and overlaps. All others speak of a certificate, a key or a chain. */
const OTHERS: Readonly<Partial<Record<WarningId, WarningStage>>> = {
  CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK: 'either',
  DNS_NAME_CAA_NOT_VALIDATED: 'pre-verification',
  DNS_NAME_ISSUER_FORBIDDEN_CAA_RECORD: 'pre-verification',
  DNS_NAME_ISSUER_NOT_IN_CAA_RECORD: 'pre-verification',
  DNS_NAME_IS_NO_LONGER_CONTAINED: 'pre-verification',
  DNS_NAME_LONGER_THEN_255_CHARS: 'pre-verification',
  DNS_NAME_NOT_CNAMED: 'pre-verification',
  DNS_NAME_NOT_CONTAINED: 'pre-verification',
  DNS_NAME_NULL_OR_EMPTY: 'pre-verification',
  DNS_NAME_SERVER_ADDRESS_NOT_RESOLVED: 'pre-verification',
  DNS_QUERY_NAME_SERVER_TIMEOUT: 'pre-verification',
  DNS_TEXT_PARSE: 'pre-verification',
  DNS_UNKNOWN_HOST: 'pre-verification',
  DOMAIN_NAME_INVALID: 'pre-verification',
  OVERLAPPING_TRAFFIC_CLASS: 'pre-verification',
  SANS_REMOVED_REQUIRE_ACKNOWLEDGEMENT: 'pre-verification',
  SNI_DNS_OVERLAP: 'pre-verification',
  RETRY_REQUIRED: 'either',
  SET_STRICT_CHECK_FALSE: 'either',
  VALIDATION_EXCEPTION: 'either',
}

export const stageOf = (id: WarningId): WarningStage => OTHERS[id] ?? 'post-verification'

/** Whether it was told while the request was looked at. Of one that does not say so itself its id decides. */
export function isOfRequest({ id, stage }: Finding): boolean {
  if (stage !== undefined) return stage === 'pre-verification'
  return Object.hasOwn(WARNINGS, id) && stageOf(id as WarningId) === 'pre-verification'
}

/** All findings of a change, each text once: what is found again about the certificate is of the certificate. */
export const withoutRepeats = (
  ofRequest: readonly Finding[],
  found: readonly Finding[],
): readonly Finding[] => [
  ...ofRequest.filter(({ text }) => !found.some((again) => again.text === text)),
  ...found,
]
