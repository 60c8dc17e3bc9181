import type { DnsServer } from '../dns/exchange.ts'
import { createResolver } from '../dns/resolver.ts'
import type { Dependencies } from '../app/dependencies.ts'
import type { CaaIdentity } from '../ports/certificate-authority.ts'
import type { ChallengePlacement } from '../ports/challenge-placement.ts'
import { lookForEdges } from '../validation/http-look.ts'
import { createChallengeLook } from '../validation/look.ts'
import { createNameLook } from '../validation/name-look.ts'
import { createRequestLook } from '../validation/request-look.ts'
import { createStandingLook } from '../validation/standing-look.ts'
import type { EdgeSide } from './listeners.ts'
import type { ServiceParts } from './services.ts'

const LOOK_TIMEOUT_MS = 10_000
/** For what DNS says of all names of a request together. */
const NAMES_TIMEOUT_MS = 15_000
/** For all names of an enrollment, their addresses among them. */
const STANDINGS_TIMEOUT_MS = 30_000
const QUERY_TIMEOUT_MS = 5_000

export function createLooks({ settings, random }: ServiceParts, edgeSide: EdgeSide | null) {
  const own = { host: '127.0.0.1', port: edgeSide?.ports.dns ?? settings.ports.dns }
  const resolverAt = (server: DnsServer) =>
    createResolver({ servers: [server], timeoutMs: QUERY_TIMEOUT_MS, random })
  const resolver = resolverAt(settings.resolver ?? own)
  const ownHttp = edgeSide?.ports.http ?? settings.ports.http
  const http = {
    resolver,
    targets: settings.targets,
    httpPort: settings.validationHttpPort ?? (settings.resolver === null ? ownHttp : 80),
    ...(settings.validationHttpsPort === null ? {} : { httpsPort: settings.validationHttpsPort }),
  }
  const challenges = createChallengeLook({
    ...http,
    resolverAt,
    ...(settings.validationDnsPort === null ? {} : { dnsPort: settings.validationDnsPort }),
    timeoutMs: LOOK_TIMEOUT_MS,
  })
  return { challenges, resolver, http, names: createNameLook({ resolver, timeoutMs: NAMES_TIMEOUT_MS }) }
}

export interface NameLookParts extends Pick<ServiceParts, 'settings' | 'random'> {
  readonly looks: Pick<ReturnType<typeof createLooks>, 'names' | 'http' | 'resolver'>
  readonly zoneNameServers: readonly string[]
  readonly placement: ChallengePlacement
  readonly identity: () => Promise<CaaIdentity | null>
}

/** What DNS says of names where there is somebody to ask: of a request, and of what is live where nothing but a look shows whether it could be proven again. */
export function createNameLooks({
  settings: { resolver, delegation, validation },
  random,
  looks,
  placement,
  identity,
  zoneNameServers,
}: NameLookParts): Pick<Dependencies, 'requestLook' | 'standingLook'> {
  if (resolver === null) return { requestLook: null, standingLook: null }
  const requestLook = createRequestLook({
    names: looks.names,
    identityFor: identity,
    delegationZone: delegation?.zone ?? null,
    isPlaced: placement.isEmpty
      ? null
      : async (name, signal) => (await placement.textFor(name, '', signal)) !== null,
  })
  if (validation.publishes === 'on-trigger') return { requestLook, standingLook: null }
  const standingLook = createStandingLook({
    requestLook,
    lookForEdges:
      validation.publishes === 'at-once'
        ? (name, signal) => lookForEdges(looks.http, name, `look-${random.uuid()}`, signal)
        : null,
    hasAliases: delegation !== null || !placement.isEmpty,
    resolver: looks.resolver,
    zoneNameServers,
    timeoutMs: STANDINGS_TIMEOUT_MS,
  })
  return { requestLook, standingLook }
}
