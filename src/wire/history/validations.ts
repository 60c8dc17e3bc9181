import type { DvHistoryView, NameValidationView } from '../../app/views.ts'
import { DV_HISTORY_ANSWERS } from '../dv-challenges/answers.ts'
import { challengesOf, encodeChallenge, encodeName, validationStatusOf } from '../dv-challenges/v2.ts'
import { isObject, type JsonObject, type JsonValue, omit } from '../json.ts'
import { type Encoding, encodingsOf, type WireContext } from '../row.ts'

/** CPS API: DvHistory. Newest generation of a name first, as the views come. */
export const dvHistoryVersions: readonly Encoding<readonly DvHistoryView[]>[] = encodingsOf(
  'dv-history',
  {
    1: (names: readonly DvHistoryView[], wire: WireContext): JsonObject => ({
      results: names.map(({ domain, generations }) => ({
        domain,
        domainHistory: generations.map((generation) => encodeGeneration(generation, wire)),
      })),
    }),
  },
  DV_HISTORY_ANSWERS,
)

const NOWHERE = { fullPath: '', redirectFullPath: '', responseBody: '', token: '', validationRecords: [] }

/** The http-01 challenge stands at the top once more, as before there were `challenges`; a wildcard has none (spec: api 5.13). */
function encodeGeneration(generation: NameValidationView, wire: WireContext): JsonObject {
  const challenges = challengesOf(generation)
  const http = challenges.find(({ type }) => type === 'http-01')
  const place =
    http === undefined
      ? NOWHERE
      : omit(encodeChallenge(generation.domain, http, wire), ['type', 'status', 'error'])
  return {
    ...place,
    validationRecords: recordsAtTop(place['validationRecords'] ?? []),
    ...encodeName(generation),
    validationStatus: validationStatusOf(generation),
    challenges: challenges.map((challenge) => encodeChallenge(generation.domain, challenge, wire)),
  }
}

/** The old layout knew fewer members. */
const recordsAtTop = (records: JsonValue): JsonValue =>
  Array.isArray(records)
    ? records.map((record: JsonValue) =>
        isObject(record) ? omit(record, ['authorities', 'triedIp']) : record,
      )
    : []
