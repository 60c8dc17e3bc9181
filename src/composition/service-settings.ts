import { isInstant } from '../domain/change/pace.ts'
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { type ConfigFinding, InvalidConfig } from '../config/invalid-config.ts'
import type { Config } from '../config/load.ts'
import type { Network } from '../domain/network.ts'
import type { ValidationPolicy } from '../domain/validation/policy.ts'
import { accountId } from '../domain/identifiers.ts'
import type { PreflightPolicy } from '../domain/validation/preflight.ts'
import { systemResolvers } from '../dns/resolver.ts'
import { liveSettings } from './live-settings.ts'
import type { EdgeSetting, ServiceSettings } from './settings.ts'

/** What the configuration means for the parts. Throws `InvalidConfig` for settings that do not go together. */
export function serviceSettings(config: Config): ServiceSettings {
  refuseBlindJobs(config)
  return {
    home: config.home,
    instance: `${hostname()}-${createHash('sha256').update(config.home).digest('hex').slice(0, 8)}`,
    mode: config.mode,
    live: config.mode === 'live' ? liveSettings(config) : null,
    roles: new Set(config.roles),
    hosts: config.host,
    advertisedHosts: config.advertisedHosts,
    passOverMissingHosts: config.sources.host === 'default',
    apiNames: config.apiNames,
    ports: {
      api: config.apiPort,
      staging: config.stagingPort,
      production: config.productionPort,
      http: config.httpPort,
      dns: config.dnsPort,
      metrics: config.metricsPort,
    },
    resolver: config.resolver ?? (config.mode === 'live' ? (systemResolvers()[0] ?? null) : null),
    edges: { staging: edgeSetting(config, 'staging'), production: edgeSetting(config, 'production') },
    challengeHost: config.challengeHost?.toLowerCase() ?? null,
    delegation: delegationOf(config),
    dnsProviders: config.dnsProviders,
    validationHttpPort: config.validationHttpPort,
    validationHttpsPort: config.validationHttpsPort,
    validationDnsPort: config.validationDnsPort,
    targets: TARGETS[config.allowPrivateTargets],
    validation: validationPolicy(config),
    keyAlgorithm: config.caKey === 'rsa' ? 'RSA' : 'ECDSA',
    renewalLeadDays: config.renewalLeadDays,
    sandboxProfile: config.sandboxProfile,
    orderLimit: config.orderLimit.most,
    mail: config.smtpUrl === null ? null : { url: config.smtpUrl, from: config.smtpFrom },
    noticeDigestMs: config.noticeDigest.milliseconds,
    heartbeat:
      config.heartbeatUrl === null
        ? null
        : { url: config.heartbeatUrl, everyMs: config.heartbeatPeriod.milliseconds },
    preVerification: config.preVerification,
    trustedRoots: config.trustedRoots,
    rateLimits: config.rateLimits,
    quotas: {
      enrollments: config.quotaEnrollments.most,
      openChanges: config.quotaOpenChanges.most,
      uploads: config.quotaUploads.most,
      zones: config.quotaZones.most,
      recordSets: config.quotaRecordSets.most,
      trustChainSets: config.quotaTrustChainSets.most,
      trustChainRevisions: config.quotaTrustChainRevisions.most,
      enrollmentIntervalMs: config.enrollmentInterval.milliseconds,
    },
    wireSpelling: config.wireSpelling,
    edgeKeepsLoadedMs: config.edgeKeepsLoaded.milliseconds,
    edgeReadyCertificates: config.edgeReadyCertificates,
    vettingMs: vettingMs(config),
    failpoint: config.failpoint,
    adopts: config.sandboxAdopt,
    seed: config.seed,
    sandboxSeed: config.sandboxSeed,
  }
}

/** Jobs look at challenges where the edges answer. Edges of another process that have any free ports answer where only whoever started them knows. */
function refuseBlindJobs({ mode, roles, resolver, dnsPort, httpPort, validationHttpPort }: Config): void {
  if (mode === 'live' || !roles.includes('jobs') || roles.includes('edge') || resolver !== null) return
  const needed = (name: string, what: string, port: string): ConfigFinding => ({
    name,
    detail: `this process has the role jobs and not the role edge, and ${port} is 0: say ${what}, as the ready.json of the edge's process names it, or give ${port} the port that the edge has`,
  })
  const findings = [
    ...(dnsPort === 0
      ? [needed('CERTRAIL_RESOLVER', 'where its DNS responder answers', 'CERTRAIL_DNS_PORT')]
      : []),
    ...(httpPort === 0 && validationHttpPort === null
      ? [needed('CERTRAIL_VALIDATION_HTTP_PORT', 'where its HTTP port is', 'CERTRAIL_HTTP_PORT')]
      : []),
  ]
  if (findings.length > 0) throw new InvalidConfig(findings)
}

const delegationOf = ({ delegationZone, delegationNameServers: nameServers }: Config) =>
  delegationZone === null || nameServers === null ? null : { zone: delegationZone.toLowerCase(), nameServers }

const preflightPolicy = (given: Config['preflight']): PreflightPolicy => ({
  default: given.default,
  accounts: new Map(Object.entries(given.accounts).map(([id, preflight]) => [accountId(id), preflight])),
})

/** That the parts of one are all there is seen when the configuration is read. */
function edgeSetting(config: Config, network: Network): EdgeSetting {
  const kind = config[`${network}Edge`]
  const addresses = config[`${network}EdgeAddress`] ?? []
  const folder = config[`${network}EdgeFolder`]
  const [candidate, socket, reload] = [
    config[`${network}EdgeCandidate`],
    config[`${network}HaproxySocket`],
    config[`${network}EdgeReload`],
  ]
  const masterSocket = config[`${network}HaproxyMasterSocket`]
  if (kind === 'haproxy' && candidate !== null && socket !== null)
    return { kind, addresses, candidate, socket, masterSocket, reload, folder }
  const [owner, mode] = [config[`${network}EdgeFileOwner`], config[`${network}EdgeFileMode`]]
  const pkcs12PasswordFile = config[`${network}EdgePkcs12PasswordFile`]
  if (kind === 'directory' && reload !== null)
    return { kind, addresses, folder, reload, owner, mode, pkcs12PasswordFile }
  return { kind: 'builtin', slots: config[`${network}Slots`] ?? [] }
}

const TARGETS = { true: 'any', loopback: 'loopback', false: 'public' } as const

/**
 * docs/config.md, CERTRAIL_SANDBOX_VALIDATION. Our own look comes only where somebody can place a value: at a resolver of the user's. Our own responder
 * and edges answer nothing for a name before a trigger has come, so that looking at them would be asking ourselves.
 */
function validationPolicy({
  mode,
  sandboxValidation,
  sandboxValidationDwell,
  resolver,
  sandboxPace: pace,
  preflight,
}: Config): ValidationPolicy {
  const around = { dwellMs: sandboxValidationDwell.milliseconds, preflight: preflightPolicy(preflight) }
  const acknowledged = { triggers: ['acknowledgement'], publishes: 'on-trigger', ...around, pace } as const
  // The CA looks for itself: what our edges answer they answer as long as the change waits.
  if (mode === 'live') return { triggers: ['acknowledgement', 'sight'], publishes: 'at-once', ...around }
  // At a pace of its own a change waits for people as the original does: none goes on because nobody came.
  const waits = !isInstant(pace)
  if (sandboxValidation === 'placed-acknowledged' || (sandboxValidation === 'placed' && waits))
    return { ...acknowledged, publishes: 'never' }
  if (sandboxValidation === 'placed') return { triggers: ['sight'], publishes: 'never', ...around, pace }
  if (sandboxValidation === 'acknowledged' || waits) return acknowledged
  const sight = resolver === null ? [] : (['sight'] as const)
  return { ...acknowledged, triggers: ['acknowledgement', ...sight, 'dwell'] }
}

/** Nobody but an operator can know an organisation. */
const vettingMs = ({ mode, sandboxVetting }: Config): number | null =>
  mode === 'live' || sandboxVetting === 'manual' ? null : sandboxVetting.milliseconds
