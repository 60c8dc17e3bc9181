import type { DeploymentView } from '../../app/views.ts'
import type { NetworkConfiguration } from '../../domain/enrollment/enrollment.ts'
import { isObject, type JsonObject, type JsonValue, omit, within } from '../json.ts'
import { networkTypeOf } from '../network-type.ts'
import { type Encoding, encodingsOf } from '../row.ts'
import { DEPLOYMENT_ANSWERS, DEPLOYMENTS_ANSWERS } from './answers.ts'
import { encodeDeploymentV8 } from './v8.ts'

export interface DeploymentsView {
  readonly production: DeploymentView | null
  readonly staging: DeploymentView | null
}

type Lens = (newer: JsonObject, view: DeploymentView) => JsonObject

/** From the newest but one downwards: what each version says of a deployment, seen from its successor (spec: api 5.7 and 6). */
const LENSES: readonly (readonly [number, Lens])[] = [
  [
    7,
    (newer) =>
      within(newer, 'networkConfiguration', (network) =>
        omit(network, ['clientMutualAuthentication', 'fipsMode']),
      ),
  ],
  [6, withoutKeyAlgorithm],
  [5, primaryOnly],
  [4, (newer) => newer],
  [3, (newer) => newer],
  [2, withNetworkType],
  [
    1,
    (newer) => within(newer, 'networkConfiguration', (network) => omit(network, ['disallowedTlsVersions'])),
  ],
]

const VERSIONS = [8, ...LENSES.map(([version]) => version)]

/** CPS API: Deployment */
export const deploymentVersions: readonly Encoding<DeploymentView>[] = encodingsOf(
  'deployment',
  Object.fromEntries(
    VERSIONS.map((version) => [version, (view: DeploymentView) => encodeDeployment(version, view)]),
  ),
  DEPLOYMENT_ANSWERS,
)

/** CPS API: Deployments. Null: nothing is deployed on that network. */
export const deploymentsVersions: readonly Encoding<DeploymentsView>[] = encodingsOf(
  'deployments',
  Object.fromEntries(
    VERSIONS.map((version) => [
      version,
      ({ production, staging }: DeploymentsView): JsonObject => ({
        production: production === null ? null : encodeDeployment(version, production),
        staging: staging === null ? null : encodeDeployment(version, staging),
      }),
    ]),
  ),
  DEPLOYMENTS_ANSWERS,
)

export function encodeDeployment(version: number, view: DeploymentView): JsonObject {
  return LENSES.filter(([older]) => older >= version).reduce(
    (json, [, lens]) => lens(json, view),
    encodeDeploymentV8(view),
  )
}

function withoutKeyAlgorithm(newer: JsonObject): JsonObject {
  const bare = (certificate: JsonValue): JsonValue =>
    isObject(certificate) ? omit(certificate, ['keyAlgorithm']) : certificate
  const others = newer['multiStackedCertificates']
  return {
    ...newer,
    primaryCertificate: bare(newer['primaryCertificate'] ?? null),
    multiStackedCertificates: Array.isArray(others) ? others.map(bare) : [],
  }
}

/** One certificate, at the top level; OCSP, QUIC and dual stack cannot be said. */
function primaryOnly(newer: JsonObject, view: DeploymentView): JsonObject {
  const primary = newer['primaryCertificate'] ?? null
  const network = isObject(newer['networkConfiguration']) ? newer['networkConfiguration'] : {}
  return {
    certificate: isObject(primary) ? (primary['certificate'] ?? null) : null,
    trustChain: isObject(primary) ? (primary['trustChain'] ?? null) : null,
    signatureAlgorithm: isObject(primary) ? (primary['signatureAlgorithm'] ?? null) : null,
    networkConfiguration: {
      ...omit(network, ['dnsNames', 'ocspStapling', 'quicEnabled', 'sniOnly']),
      sni: view.settings.sniOnly
        ? { cloneDnsNames: view.settings.dnsNameSettings?.cloneDnsNames ?? true, dnsNames: view.servedNames }
        : null,
    },
  }
}

function withNetworkType(newer: JsonObject): JsonObject {
  return within(newer, 'networkConfiguration', (network) => ({
    ...omit(network, ['geography', 'secureNetwork']),
    networkType: networkTypeOf(network as unknown as NetworkConfiguration),
  }))
}
