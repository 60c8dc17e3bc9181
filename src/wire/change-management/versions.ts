import type { ChangeManagementView } from '../../app/views.ts'
import { isObject, type JsonObject, omit, within } from '../json.ts'
import { type Encoding, encodingsOf } from '../row.ts'
import { CHANGE_MANAGEMENT_ANSWERS } from './answers.ts'
import { encodeV6 } from './v6.ts'

type Lens = (newer: JsonObject) => JsonObject

/** From the newest but one downwards: what each version says, seen from its successor (spec: api 5.6 and 6). */
const LENSES: readonly (readonly [number, Lens])[] = [
  [5, inNetwork((network) => omit(network, ['clientMutualAuthentication', 'fipsMode']))],
  [4, oneCertificate],
  [3, withSni],
  [2, (newer) => newer],
  [1, inNetwork((network) => omit(network, ['disallowedTlsVersions']))],
]

const VERSIONS = [6, ...LENSES.map(([version]) => version)]

/** CPS API: ChangeManagementInfo */
export const changeManagementVersions: readonly Encoding<ChangeManagementView>[] = encodingsOf(
  'change-management-info',
  Object.fromEntries(
    VERSIONS.map((version) => [
      version,
      (view: ChangeManagementView): JsonObject =>
        LENSES.filter(([older]) => older >= version).reduce((json, [, lens]) => lens(json), encodeV6(view)),
    ]),
  ),
  CHANGE_MANAGEMENT_ANSWERS,
)

/** The primary one, without its key algorithm. Null, not absent, when none is pending: the Python CLI indexes it. */
function oneCertificate(newer: JsonObject): JsonObject {
  return within(newer, 'pendingState', (state) => {
    const all = state['pendingCertificates']
    const primary = Array.isArray(all) ? (all[0] ?? null) : null
    return {
      ...omit(state, ['pendingCertificates']),
      pendingCertificate: isObject(primary) ? omit(primary, ['keyAlgorithm']) : null,
    }
  })
}

/** `sni` in place of `dnsNameSettings` and `sniOnly`; OCSP and QUIC cannot be said. */
function withSni(newer: JsonObject): JsonObject {
  const bare = within(newer, 'pendingState', (state) =>
    within(state, 'pendingCertificate', (certificate) => omit(certificate, ['ocspStapled', 'ocspUris'])),
  )
  return inNetwork((network) => ({
    ...omit(network, ['dnsNameSettings', 'ocspStapling', 'quicEnabled', 'sniOnly']),
    sni: network['dnsNameSettings'] ?? null,
  }))(bare)
}

function inNetwork(rewrite: Lens): Lens {
  return (json) =>
    within(json, 'pendingState', (state) => within(state, 'pendingNetworkConfiguration', rewrite))
}
