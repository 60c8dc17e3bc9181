import { z } from 'zod'
import { ownerName } from '../../domain/zones/owner-name.ts'
import { RECORD_TYPES, type RecordType } from '../../domain/zones/record-data.ts'
import { type RecordSet, recordSetFaults } from '../../domain/zones/record-set.ts'
import type { FieldError } from '../../errors/problem.ts'
import { cannotBeTaken, decodeBody } from '../decode-body.ts'
import type { JsonObject } from '../json.ts'

/** Edge DNS API: record sets, as the Go SDK (pkg/dns) sends and reads them. */

const MOST_RECORDS = 100
/** All records of a set together have to fit into one reply. */
const LONGEST_SET = 32_000
const MOST_SETS_AT_ONCE = 10_000
/** RFC 2181 section 8. */
const LONGEST_TTL = 0x7fff_ffff

const members = {
  ttl: z.int({ error: 'must be a whole number of seconds' }).min(0).max(LONGEST_TTL),
  rdata: z
    .array(z.string())
    .min(1, { error: 'must have a record' })
    .max(MOST_RECORDS, { error: `must have ${MOST_RECORDS} records at most` })
    .refine((texts) => texts.join('').length <= LONGEST_SET, {
      error: `must be ${LONGEST_SET} characters at most, all together`,
    }),
}

/** Name and type stand in the path; where the body says them, it says the same. */
export const recordSetBody = z.object({ name: z.string().nullish(), type: z.string().nullish(), ...members })
export const recordSetsBody = z.object({
  recordsets: z
    .array(z.object({ name: z.string(), type: z.string(), ...members }))
    .min(1)
    .max(MOST_SETS_AT_ONCE),
})

export const recordSetAnswer = z.strictObject({
  name: z.string(),
  type: z.enum(RECORD_TYPES),
  ttl: z.int(),
  rdata: z.array(z.string()),
})

export const recordSetsAnswer = z.strictObject({
  metadata: z.strictObject({
    page: z.int(),
    pageSize: z.int(),
    lastPage: z.int(),
    showAll: z.boolean(),
    totalElements: z.int(),
  }),
  recordsets: z.array(recordSetAnswer),
})

export const namesAnswer = z.strictObject({ names: z.array(z.string()) })
export const typesAnswer = z.strictObject({ types: z.array(z.enum(RECORD_TYPES)) })

/** Null: Certrail has no records of this type. */
export const recordTypeOf = (text: string): RecordType | null =>
  RECORD_TYPES.find((type) => type === text.toUpperCase()) ?? null

interface SetPlace {
  /** Canonical. */
  readonly zone: string
  /** As the path has them. */
  readonly name: string
  readonly type: string
}

/** @throws Problem 'validation-error' that names every bad member. */
export function decodeRecordSet(body: unknown, place: SetPlace): RecordSet {
  const read = decodeBody(recordSetBody, body, 'record set')
  const errors = [
    ...otherThanPath('name', read.name ?? place.name, place.name, normalName),
    ...otherThanPath('type', read.type ?? place.type, place.type, (text) => text.toUpperCase()),
  ]
  const set = readSet({ ...read, name: place.name, type: place.type }, place.zone, '', errors)
  if (set === null || errors.length > 0) throw cannotBeTaken('record set', errors)
  return set
}

/** No two of them for one name and type. @throws Problem 'validation-error' that names every bad member. */
export function decodeRecordSets(body: unknown, zone: string): readonly RecordSet[] {
  const read = decodeBody(recordSetsBody, body, 'list of record sets')
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const sets = read.recordsets.flatMap((sent, index) => {
    const at = `/recordsets/${index}`
    const set = readSet(sent, zone, at, errors)
    if (set === null) return []
    const key = `${set.name} ${set.type}`
    if (seen.has(key)) errors.push({ field: at, detail: 'is there twice' })
    seen.add(key)
    return [set]
  })
  if (errors.length > 0) throw cannotBeTaken('list of record sets', errors)
  return sets
}

interface SentSet {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly rdata: readonly string[]
}

function readSet(sent: SentSet, zone: string, at: string, errors: FieldError[]): RecordSet | null {
  const owner = ownerName(sent.name)
  const type = recordTypeOf(sent.type)
  if (!owner.ok) errors.push({ field: `${at}/name`, detail: owner.reason })
  if (type === null) errors.push({ field: `${at}/type`, detail: `must be one of ${RECORD_TYPES.join(', ')}` })
  if (!owner.ok || type === null) return null
  const set: RecordSet = { name: owner.name, type, ttlSeconds: sent.ttl, data: sent.rdata }
  const faults = recordSetFaults(set, zone)
  errors.push(...faults.map(({ path, detail }) => ({ field: at + path, detail })))
  return set
}

function otherThanPath(
  member: string,
  sent: string,
  path: string,
  normal: (text: string) => string,
): FieldError[] {
  return normal(sent) === normal(path) ? [] : [{ field: `/${member}`, detail: 'is not that of the path' }]
}

const normalName = (text: string): string => {
  const owner = ownerName(text)
  return owner.ok ? owner.name : text
}

/** `rdata` as it was written. */
export const recordSetJson = ({ name, type, ttlSeconds, data }: RecordSet): JsonObject => ({
  name,
  type,
  ttl: ttlSeconds,
  rdata: data,
})
