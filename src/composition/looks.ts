import type { DnsServer } from '../dns/exchange.ts'
import { createResolver } from '../dns/resolver.ts'
import { createChallengeLook } from '../validation/look.ts'
import { createNameLook } from '../validation/name-look.ts'
import type { EdgeSide } from './listeners.ts'
import type { ServiceParts } from './services.ts'

const LOOK_TIMEOUT_MS = 10_000
/** For what DNS says of all names of a request together. */
const NAMES_TIMEOUT_MS = 15_000
const QUERY_TIMEOUT_MS = 5_000

export function createLooks({ settings, random }: ServiceParts, edgeSide: EdgeSide | null) {
  const own = { host: '127.0.0.1', port: edgeSide?.ports.dns ?? settings.ports.dns }
  const resolverAt = (server: DnsServer) =>
    createResolver({ servers: [server], timeoutMs: QUERY_TIMEOUT_MS, random })
  const resolver = resolverAt(settings.resolver ?? own)
  const ownHttp = edgeSide?.ports.http ?? settings.ports.http
  const challenges = createChallengeLook({
    resolver,
    resolverAt,
    targets: settings.targets,
    httpPort: settings.validationHttpPort ?? (settings.resolver === null ? ownHttp : 80),
    ...(settings.validationHttpsPort === null ? {} : { httpsPort: settings.validationHttpsPort }),
    ...(settings.validationDnsPort === null ? {} : { dnsPort: settings.validationDnsPort }),
    timeoutMs: LOOK_TIMEOUT_MS,
  })
  return { challenges, resolver, names: createNameLook({ resolver, timeoutMs: NAMES_TIMEOUT_MS }) }
}
