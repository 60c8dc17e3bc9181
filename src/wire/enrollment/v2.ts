import type { Contact, EnrollmentSettings, NetworkConfiguration } from '../../domain/enrollment/enrollment.ts'
import { isObject, type JsonObject, type JsonValue, omit, within } from '../json.ts'
import { networkTypeOf, PLACES } from '../network-type.ts'
import type { EnrollmentLens } from './lens.ts'

const CONTACT_SINCE_3 = [
  'title',
  'organizationName',
  'addressLineOne',
  'addressLineTwo',
  'city',
  'region',
  'postalCode',
  'country',
] as const satisfies readonly (keyof Contact)[]

/** Short contacts; `networkType` in place of `geography`. */
export const v2: EnrollmentLens = {
  version: 2,
  down: (newer) => {
    const short = ['adminContact', 'techContact'].reduce(
      (json, member) => within(json, member, (contact) => omit(contact, CONTACT_SINCE_3)),
      newer,
    )
    return within(short, 'networkConfiguration', (network) => ({
      ...omit(network, ['geography']),
      networkType: networkTypeOf(network as unknown as NetworkConfiguration),
    }))
  },
  up: (older, stored) =>
    within(
      within(
        within(older, 'adminContact', (contact) => longContact(contact, stored?.adminContact)),
        'techContact',
        (contact) => longContact(contact, stored?.techContact),
      ),
      'networkConfiguration',
      (network) => ({
        ...omit(network, ['networkType']),
        geography: placeOf(network['networkType'] ?? null, stored, 'geography'),
      }),
    ),
  pointers: { '/networkConfiguration/geography': '/networkConfiguration/networkType' },
  faults: (older) => {
    const network = older['networkConfiguration']
    const networkType = isObject(network) ? (network['networkType'] ?? null) : null
    if (networkType === null || placeNamed(networkType) !== undefined) return []
    const detail = `must be one of ${Object.keys(PLACES).join(', ')}, or null`
    return [{ field: '/networkConfiguration/networkType', detail }]
  },
}

/** What is stored stays while the caller repeats the type that we show for it; an unknown type goes on to be refused by the schema. */
export function placeOf(
  networkType: JsonValue,
  stored: EnrollmentSettings | null,
  member: 'geography' | 'secureNetwork',
): JsonValue {
  const kept = stored?.networkConfiguration
  if (kept !== undefined && (networkType === null || networkType === networkTypeOf(kept))) return kept[member]
  const place = placeNamed(networkType ?? 'worldwide')
  return place?.[member] ?? networkType
}

const longContact = (contact: JsonObject, stored: Contact | undefined): JsonObject => ({
  ...contact,
  ...Object.fromEntries(CONTACT_SINCE_3.map((member) => [member, stored?.[member] ?? null])),
})

const placeNamed = (networkType: JsonValue) =>
  typeof networkType === 'string' && Object.hasOwn(PLACES, networkType) ? PLACES[networkType] : undefined
