import { type JsonObject, type JsonValue, omit, within } from '../json.ts'
import type { EnrollmentLens } from './lens.ts'

const READ_ONLY_SINCE_11 = ['id', 'assignedSlots', 'productionSlots', 'stagingSlots']

/** Members of v11 that may be null and in v10 may not: null is said as the empty text, and read back as null. */
const NEVER_NULL: readonly (readonly [string, readonly string[]])[] = [
  ['csr', ['c', 'st', 'l', 'o', 'preferredTrustChain']],
  ['org', ['name', 'phone']],
  ['adminContact', ['firstName', 'lastName', 'phone', 'email']],
  ['techContact', ['firstName', 'lastName', 'phone', 'email']],
]

/** Lacks `id`, `orgId` and the slots; texts are never null. */
export const v10: EnrollmentLens = {
  version: 10,
  down: (newer) => {
    const texts = NEVER_NULL.reduce(
      (json, [member, names]) => within(json, member, (part) => swap(part, names, null, '')),
      omit(newer, [...READ_ONLY_SINCE_11, 'orgId']),
    )
    return within(texts, 'networkConfiguration', (network) =>
      within(
        within(network, 'dnsNameSettings', (names) =>
          names['dnsNames'] === null ? { ...names, dnsNames: [] } : names,
        ),
        'clientMutualAuthentication',
        (mutual) => swap(mutual, ['setId'], null, ''),
      ),
    )
  },
  up: (older, stored) => {
    const texts = NEVER_NULL.reduce(
      (json, [member, names]) => within(json, member, (part) => swap(part, names, '', null)),
      {
        ...omit(older, READ_ONLY_SINCE_11),
        orgId: stored?.orgId ?? null,
      } as JsonObject,
    )
    return within(texts, 'networkConfiguration', (network) =>
      within(
        within(network, 'dnsNameSettings', (names) =>
          isEmptyList(names['dnsNames']) && stored?.networkConfiguration.dnsNameSettings?.dnsNames === null
            ? { ...names, dnsNames: null }
            : names,
        ),
        'clientMutualAuthentication',
        (mutual) => swap(mutual, ['setId'], '', null),
      ),
    )
  },
  pointers: {},
}

const isEmptyList = (value: JsonValue | undefined): boolean => Array.isArray(value) && value.length === 0

function swap(part: JsonObject, names: readonly string[], from: null | '', to: null | ''): JsonObject {
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, names.includes(name) && value === from ? to : value]),
  )
}
