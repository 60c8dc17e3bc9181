import type { Hierarchies } from '../authority/local/hierarchy.ts'
import { issueServiceCertificate } from '../authority/local/service-certificates.ts'
import { DAY, plus } from '../domain/time.ts'
import { rootPage } from '../http/root-page.ts'
import { type ApiServer, createApiServer } from '../http/server.ts'
import { every } from '../jobs/every.ts'
import type { Logger } from '../observe/log.ts'
import type { Random } from '../ports/random.ts'
import type { Closers } from './closers.ts'
import type { Ready } from './home-files.ts'
import { type Services, useCasesOf } from './services.ts'
import type { ServiceSettings } from './settings.ts'

export interface ApiParts {
  readonly settings: ServiceSettings
  readonly services: Services
  readonly log: Logger
  readonly random: Random
  readonly closers: Closers
  /** What `/` shows; known only once everything listens. */
  readonly ready: () => Ready
}

/** The API's certificate lives 90 days by the real clock; a new one is taken well before. */
const RENEW_BEFORE_MS = 30 * DAY
const LOOK_AT_CERTIFICATE_EVERY_MS = DAY

export async function startApi({
  settings,
  services,
  log,
  random,
  closers,
  ready,
}: ApiParts): Promise<ApiServer> {
  const { deps, hierarchies, metrics, verifier, rateLimits, edgeSide } = services
  const issue = () => apiCertificate(hierarchies, settings, deps.clocks.real.now(), random)
  let current = issue()
  const server = await createApiServer(
    {
      useCases: useCasesOf(services),
      verifier,
      clock: deps.clocks.real,
      random,
      rateLimits,
      log,
      metrics: {
        onRequest: ({ method, route, status, seconds }) =>
          metrics.request({ method, route, status: String(status) }, seconds),
      },
    },
    {
      tls: current.tls,
      listen: {
        hosts: settings.hosts,
        port: settings.ports.api,
        passOverMissing: settings.passOverMissingHosts,
      },
      apiNames: settings.apiNames,
      sandbox: settings.mode === 'sandbox',
      wireSpelling: settings.wireSpelling,
      challengeRedirectBase: challengeRedirectBase(settings, edgeSide?.ports.http ?? settings.ports.http),
      delegationZone: settings.delegation?.zone ?? null,
      rootPage: () => rootPage(rootPageFacts(ready())),
    },
  )
  closers.add('API', () => server.close())
  const renewal = every(
    LOOK_AT_CERTIFICATE_EVERY_MS,
    async () => {
      if (plus(deps.clocks.real.now(), RENEW_BEFORE_MS) < current.notAfter) return
      current = issue()
      server.useCertificate(current.tls)
    },
    log,
  )
  closers.add('API certificate', () => renewal.close())
  return server
}

/** A CA follows redirects to port 80 alone: a host of its own is one where our HTTP port is reached there. */
const challengeRedirectBase = ({ challengeHost, apiNames }: ServiceSettings, httpPort: number): string =>
  challengeHost === null ? `http://${apiNames[0] ?? 'localhost'}:${httpPort}` : `http://${challengeHost}`

function apiCertificate(
  { service }: Hierarchies,
  { apiNames }: ServiceSettings,
  now: Parameters<typeof plus>[0],
  random: Random,
) {
  const issued = issueServiceCertificate({ names: apiNames, now }, { hierarchy: service, random })
  return {
    tls: { cert: issued.certificatePem + issued.chainPem, key: issued.privateKeyPem },
    notAfter: issued.notAfter,
  }
}

const rootPageFacts = (ready: Ready) => ({
  addresses: [
    ['API', ready.api],
    ['Staging network', ready.staging],
    ['Production network', ready.production],
    ['Plain HTTP', ready.http],
    ['DNS', ready.dns],
    ['Metrics', ready.metrics],
    ['Contract', ready.contract],
  ] as const,
  firstCommand: 'npx certrail enroll www.example.com --wait',
})
