import { z } from 'zod'
import type { ZoneSettings } from '../../app/zones/zones.ts'
import { canonicalName, isWildcard } from '../../domain/enrollment/names.ts'
import { isPublicSuffix } from '../../domain/enrollment/public-suffix.ts'
import { toWireTime } from '../../domain/time.ts'
import type { FieldError } from '../../errors/problem.ts'
import type { ZoneDeletion, ZoneRecord } from '../../ports/dns-zones.ts'
import { cannotBeTaken, decodeBody } from '../decode-body.ts'
import type { JsonObject } from '../json.ts'
import { wireTime } from '../members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../plain-text.ts'

/** Edge DNS API: zones, as the Go SDK (pkg/dns) sends and reads them. */

const text = (most: number) =>
  z
    .string()
    .max(most, { error: `must be ${most} characters at most` })
    .refine(isPlainText, { error: NOT_PLAIN_TEXT })
    .nullish()

/** Members of zones of other types are named, so that whoever sends one hears of the type and not of them. */
export const zoneBody = z.object({
  zone: z.string(),
  type: z.string(),
  comment: text(2048),
  endCustomerId: text(128),
  signAndServe: z.boolean().nullish(),
  signAndServeAlgorithm: text(64),
})

export const deletionBody = z.object({ zones: z.array(z.string()).min(1).max(1000) })

export const zoneAnswer = z.strictObject({
  contractId: z.string(),
  zone: z.string(),
  type: z.literal('PRIMARY'),
  comment: z.string().optional(),
  endCustomerId: z.string().optional(),
  signAndServe: z.boolean(),
  signAndServeAlgorithm: z.string().optional(),
  aliasCount: z.literal(0),
  activationState: z.literal('ACTIVE'),
  lastActivationDate: wireTime,
  lastModifiedBy: z.string(),
  lastModifiedDate: wireTime,
  versionId: z.string(),
})

export const zonesAnswer = z.strictObject({
  metadata: z.strictObject({
    contractIds: z.array(z.string()),
    page: z.int(),
    pageSize: z.int(),
    showAll: z.boolean(),
    totalElements: z.int(),
  }),
  zones: z.array(zoneAnswer),
})

export const changeListAnswer = z.strictObject({
  zone: z.string(),
  changeTag: z.string(),
  zoneVersionId: z.string(),
  lastModifiedDate: wireTime,
  stale: z.literal(false),
})

export const authoritiesAnswer = z.strictObject({
  contracts: z.array(z.strictObject({ contractId: z.string(), authorities: z.array(z.string()) })),
})

export const deletionAnswer = z.strictObject({ requestId: z.string(), expirationDate: wireTime })
export const deletionStatusAnswer = z.strictObject({
  requestId: z.string(),
  zonesSubmitted: z.int(),
  successCount: z.int(),
  failureCount: z.int(),
  isComplete: z.literal(true),
  expirationDate: wireTime,
})
export const deletionResultAnswer = z.strictObject({
  requestId: z.string(),
  successfullyDeletedZones: z.array(z.string()),
  failedZones: z.array(z.strictObject({ zone: z.string(), failureReason: z.string() })),
})

export interface DecodedZone {
  readonly name: string
  readonly settings: ZoneSettings
}

/** `expected`: the zone that the path names; null: any. @throws Problem 'validation-error' */
export function decodeZone(body: unknown, expected: string | null): DecodedZone {
  const read = decodeBody(zoneBody, body, 'zone')
  const errors: FieldError[] = []
  const name = zoneNameAt('/zone', read.zone, errors)
  if (name !== null && expected !== null && name !== expected)
    errors.push({ field: '/zone', detail: `must be ${expected}, as the path says` })
  if (read.type.toUpperCase() !== 'PRIMARY')
    errors.push({ field: '/type', detail: 'must be PRIMARY: Certrail keeps no zones of other types' })
  if (errors.length > 0 || name === null) throw cannotBeTaken('zone', errors)
  return {
    name,
    settings: {
      comment: read.comment ?? '',
      endCustomerId: read.endCustomerId ?? '',
      signAndServe: read.signAndServe ?? false,
      signAndServeAlgorithm: read.signAndServeAlgorithm || null,
    },
  }
}

/** Canonical names of what is to be deleted; what is no name stays as it was written, and is not found. @throws Problem 'validation-error' */
export const decodeDeletion = (body: unknown): readonly string[] => [
  ...new Set(decodeBody(deletionBody, body, 'request').zones.map((zone) => zoneName(zone) ?? zone)),
]

/** Null: no zone can have this name. */
export function zoneName(text: string): string | null {
  const read = canonicalName(text)
  return read.ok && !isWildcard(read.name) ? read.name : null
}

function zoneNameAt(field: string, text: string, errors: FieldError[]): string | null {
  const read = canonicalName(text)
  const detail = read.ok ? zoneNameFault(read.name) : read.reason
  if (detail !== null) errors.push({ field, detail })
  return read.ok ? read.name : null
}

function zoneNameFault(name: string): string | null {
  if (isWildcard(name)) return 'is a wildcard'
  return isPublicSuffix(name) ? 'is a public suffix, which nobody keeps as a zone' : null
}

export const zoneJson = (zone: ZoneRecord): JsonObject => ({
  contractId: zone.contractId,
  zone: zone.name,
  type: 'PRIMARY',
  ...(zone.comment === '' ? {} : { comment: zone.comment }),
  ...(zone.endCustomerId === '' ? {} : { endCustomerId: zone.endCustomerId }),
  signAndServe: zone.signAndServe,
  ...(zone.signAndServeAlgorithm === null ? {} : { signAndServeAlgorithm: zone.signAndServeAlgorithm }),
  aliasCount: 0,
  activationState: 'ACTIVE',
  lastActivationDate: toWireTime(zone.realModifiedAt),
  lastModifiedBy: zone.modifiedBy,
  lastModifiedDate: toWireTime(zone.realModifiedAt),
  versionId: zone.versionId,
})

/** Every change is active at once: a change list shows the zone as it is. */
export const changeListJson = (zone: ZoneRecord): JsonObject => ({
  zone: zone.name,
  changeTag: zone.versionId,
  zoneVersionId: zone.versionId,
  lastModifiedDate: toWireTime(zone.realModifiedAt),
  stale: false,
})

/** Kept for good; clients want to hear of an end. */
const ANSWERS_FOR_MS = 30 * 24 * 3_600_000

const expiry = ({ realAt }: ZoneDeletion): string => toWireTime((realAt + ANSWERS_FOR_MS) as typeof realAt)

export const deletionJson = (deletion: ZoneDeletion): JsonObject => ({
  requestId: deletion.id,
  expirationDate: expiry(deletion),
})

export const deletionStatusJson = (deletion: ZoneDeletion): JsonObject => ({
  requestId: deletion.id,
  zonesSubmitted: deletion.deleted.length + deletion.failed.length,
  successCount: deletion.deleted.length,
  failureCount: deletion.failed.length,
  isComplete: true,
  expirationDate: expiry(deletion),
})

export const deletionResultJson = (deletion: ZoneDeletion): JsonObject => ({
  requestId: deletion.id,
  successfullyDeletedZones: deletion.deleted,
  failedZones: deletion.failed.map(({ zone, reason }) => ({ zone, failureReason: reason })),
})
