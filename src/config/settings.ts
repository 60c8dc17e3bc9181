import { ISSUING_PROFILES } from '../domain/policy/rules.ts'
import {
  addresses,
  databaseUrl,
  duration,
  either,
  endpoint,
  failpoint,
  fixedPort,
  host,
  hosts,
  leadDays,
  nameServers,
  oneOf,
  orderLimit,
  pace,
  path,
  port,
  quota,
  seedNumber,
  preflight,
  someOf,
  text,
  trueOrFalse,
  trustedRoots,
  url,
} from './kinds.ts'
import { edgeKeepsLoaded, edgeReadyCertificates, edgeSettings } from './edge-settings.ts'
import { optional, type Setting, setting } from './setting.ts'
import { TELLING } from './telling-settings.ts'

export type { Mode, Setting } from './setting.ts'

const staging = edgeSettings('staging', 'CERTRAIL_STAGING')
const production = edgeSettings('production', 'CERTRAIL_PRODUCTION')

/**
 * Every setting there is. The property is its key in certrail.config.json and in `Config`; the flag follows from the variable
 * (`CERTRAIL_API_PORT`: `--api-port`). docs/config.md is written from this table.
 */
export const SETTINGS = {
  home: setting(path, {
    variable: 'CERTRAIL_HOME',
    default: '.certrail',
    meaning: 'everything on disk; relative to the working directory',
  }),
  mode: setting(oneOf('sandbox', 'live'), {
    variable: 'CERTRAIL_MODE',
    default: 'sandbox',
    meaning: 'a local CA and a clock that can be turned, or real CAs and real time',
  }),
  host: setting(addresses, {
    variable: 'CERTRAIL_HOST',
    default: '127.0.0.1,::1',
    meaning: 'addresses to bind (a default one that the host lacks is passed over)',
  }),
  advertisedHosts: optional(addresses, {
    variable: 'CERTRAIL_ADVERTISED_HOSTS',
    unset: 'the addresses that are bound; loopback where that is every address',
    meaning:
      'addresses at which other processes and clients reach what this process listens on (edges, HTTP port, answers of our DNS responder): needed where processes on several hosts share a database and bind `0.0.0.0` or `::`',
  }),
  apiNames: setting(hosts, {
    variable: 'CERTRAIL_API_NAMES',
    default: 'localhost,127.0.0.1,::1',
    meaning:
      "names and addresses in the API's certificate; the first one is the host in `edgerc` and `ready.json`",
  }),
  apiPort: setting(port, {
    variable: 'CERTRAIL_API_PORT',
    default: '7443',
    meaning: 'HTTPS: CPS API, own API, console',
  }),
  stagingPort: setting(port, {
    variable: 'CERTRAIL_STAGING_PORT',
    default: '8443',
    meaning: "staging network's TLS (built-in edge)",
  }),
  productionPort: setting(port, {
    variable: 'CERTRAIL_PRODUCTION_PORT',
    default: '9443',
    meaning: "production network's TLS (built-in edge)",
  }),
  stagingEdge: staging.kind,
  stagingEdgeAddress: staging.address,
  stagingEdgeCandidate: staging.candidate,
  stagingEdgeFolder: staging.folder,
  stagingEdgeReload: staging.reload,
  stagingEdgeFileOwner: staging.owner,
  stagingEdgeFileMode: staging.mode,
  stagingEdgePkcs12PasswordFile: staging.pkcs12PasswordFile,
  stagingSlots: staging.slots,
  stagingHaproxySocket: staging.haproxySocket,
  stagingHaproxyMasterSocket: staging.haproxyMasterSocket,
  productionEdge: production.kind,
  productionEdgeAddress: production.address,
  productionEdgeCandidate: production.candidate,
  productionEdgeFolder: production.folder,
  productionEdgeReload: production.reload,
  productionEdgeFileOwner: production.owner,
  productionEdgeFileMode: production.mode,
  productionEdgePkcs12PasswordFile: production.pkcs12PasswordFile,
  productionSlots: production.slots,
  productionHaproxySocket: production.haproxySocket,
  productionHaproxyMasterSocket: production.haproxyMasterSocket,
  httpPort: setting(port, {
    variable: 'CERTRAIL_HTTP_PORT',
    default: '8080',
    meaning:
      'plain HTTP: `/.well-known/acme-challenge/`, `/ca/NAME.crl`, `/ca/NAME.cer`; anything else 308 to the production port',
  }),
  dnsPort: setting(port, {
    variable: 'CERTRAIL_DNS_PORT',
    default: '8053',
    meaning: 'our authoritative DNS responder, UDP and TCP',
  }),
  metricsPort: setting(port, {
    variable: 'CERTRAIL_METRICS_PORT',
    default: '9464',
    meaning: 'Prometheus text, loopback',
  }),
  roles: setting(someOf('api', 'jobs', 'edge'), {
    variable: 'CERTRAIL_ROLES',
    default: 'api,jobs,edge',
    meaning: 'what this process does',
  }),
  databaseUrl: optional(databaseUrl, {
    variable: 'DATABASE_URL',
    unset: 'embedded PostgreSQL in the home',
    meaning: 'an existing PostgreSQL, 15 or newer',
    secret: true,
  }),
  kekFile: setting(path, {
    variable: 'CERTRAIL_KEK_FILE',
    default: 'keys/kek',
    meaning: 'key-encryption key; relative to the home by default; missing while secrets are sealed: refused',
  }),
  log: setting(oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), {
    variable: 'CERTRAIL_LOG',
    default: 'info',
    meaning: 'least level that is logged',
  }),
  caKey: setting(oneOf('ec', 'rsa'), {
    variable: 'CERTRAIL_CA_KEY',
    default: 'ec',
    meaning: 'key type of DV, OV and EV certificates: P-256, or RSA of 2048 bits',
  }),
  renewalLeadDays: setting(leadDays, {
    variable: 'CERTRAIL_RENEWAL_LEAD_DAYS',
    default: 'ev=90,ov=60,third-party=60,dv=30',
    meaning:
      'at most so many days before expiry a renewal begins; before that cap comes a third of the lifetime, or half of one below ten days. Holds from the next certificate on',
  }),
  edgeKeepsLoaded,
  edgeReadyCertificates,
  orderLimit: setting(orderLimit, {
    variable: 'CERTRAIL_ORDER_LIMIT',
    default: { sandbox: 'none', live: '300/PT3H' },
    meaning:
      "new orders that a CA takes from one account, as a bucket that fills evenly: renewals wait for their turn in it, what a person asks for does not ([renewal.md](renewal.md)). The default is what Let's Encrypt publishes; an account of the configuration has its own as `orderLimit`",
  }),
  ...TELLING,
  preVerification: setting(oneOf('pass', 'review'), {
    variable: 'CERTRAIL_PRE_VERIFICATION',
    default: 'pass',
    meaning:
      '`pass`: findings are shown by explain and in validationResult, the change goes on; `review`: it stops for the acknowledgement',
  }),
  trustedRoots: setting(trustedRoots, {
    variable: 'CERTRAIL_TRUSTED_ROOTS',
    default: { sandbox: 'any', live: 'system' },
    meaning: 'what counts as a standard root for third-party uploads',
  }),
  sandboxValidation: setting(oneOf('automatic', 'acknowledged', 'placed', 'placed-acknowledged'), {
    variable: 'CERTRAIL_SANDBOX_VALIDATION',
    default: 'automatic',
    only: 'sandbox',
    meaning:
      'what moves a DV change on: (a) its acknowledgement, (b) the value seen where it belongs, (c) the dwell; `automatic`: any of them, `acknowledged`: a, `placed`: b, `placed-acknowledged`: b, looked for when a comes',
  }),
  sandboxValidationDwell: setting(duration, {
    variable: 'CERTRAIL_SANDBOX_VALIDATION_DWELL',
    default: 'PT30S',
    only: 'sandbox',
    meaning: 'how long a DV change rests with its challenges readable, in lifecycle time',
  }),
  sandboxPace: setting(pace, {
    variable: 'CERTRAIL_SANDBOX_PACE',
    default: 'instant',
    only: 'sandbox',
    meaning:
      'how long each step takes at least, in lifecycle time, so that pipelines meet the statuses on the way: `PT1M`, or `generate-csr=PT30S,deploy-cert-to-staging=PT20M` for some. While it is not `instant`, validation goes on after the acknowledgement alone: `automatic` is `acknowledged` then, and `placed` is `placed-acknowledged`. A renewal goes on without it at its last safe moment where our own edges answer: what is live is never let expire for the sake of a pace',
  }),
  sandboxVetting: setting(either(duration, oneOf('manual')), {
    variable: 'CERTRAIL_SANDBOX_VETTING',
    default: 'PT5S',
    only: 'sandbox',
    meaning:
      'how long the local CA takes to check an organisation (OV, EV), or `manual`: until an operator decides',
  }),
  sandboxAdopt: setting(trueOrFalse, {
    variable: 'CERTRAIL_SANDBOX_ADOPT',
    default: 'false',
    only: 'sandbox',
    meaning: 'creates unknown contracts and switch keys on first use, with a log line',
  }),
  sandboxProfile: setting(oneOf(...ISSUING_PROFILES), {
    variable: 'CERTRAIL_SANDBOX_PROFILE',
    default: 'classic',
    only: 'sandbox',
    meaning:
      "the Let's Encrypt profile by which the sandbox CA issues DV certificates: `classic` and `tlsserver` with the lifetimes of their time ([policy.md](policy.md)), `shortlived` for 160 hours",
  }),
  sandboxSeed: optional(seedNumber, {
    variable: 'CERTRAIL_SANDBOX_SEED',
    unset: 'the clock runs as the real one does, ids have random gaps',
    only: 'sandbox',
    refusedElsewhere: true,
    meaning:
      'the clock begins at 2026-01-01T00:00:00Z and moves only when it is advanced, and ids follow from the seed: two fresh sandboxes of one seed that are asked the same live through the same history, to the millisecond',
  }),
  wireSpelling: setting(oneOf('coodinate', 'coordinate'), {
    variable: 'CERTRAIL_WIRE_SPELLING',
    default: 'coodinate',
    meaning: 'the historical spelling of the DV status, or the right one',
  }),
  rateLimits: setting(oneOf('off', 'cps'), {
    variable: 'CERTRAIL_RATE_LIMITS',
    default: { sandbox: 'off', live: 'cps' },
    meaning:
      'limits on the calls of each account to `/cps/v2`; `cps`: 35 a minute and 20 in two seconds, active-certificates 10 a minute',
  }),
  quotaEnrollments: setting(quota, {
    variable: 'CERTRAIL_QUOTA_ENROLLMENTS',
    default: { sandbox: 'none', live: '10000' },
    meaning: 'how many enrollments an account may have',
  }),
  quotaOpenChanges: setting(quota, {
    variable: 'CERTRAIL_QUOTA_OPEN_CHANGES',
    default: { sandbox: 'none', live: '1000' },
    meaning:
      'how many changes of an account may be under way when a call asks for another; renewals and removals always begin',
  }),
  quotaUploads: setting(quota, {
    variable: 'CERTRAIL_QUOTA_UPLOADS',
    default: '100',
    meaning: 'how often third-party certificates may be uploaded for one change',
  }),
  quotaZones: setting(quota, {
    variable: 'CERTRAIL_QUOTA_ZONES',
    default: { sandbox: 'none', live: '1000' },
    meaning: 'how many zones of the Edge DNS API an account may keep',
  }),
  quotaRecordSets: setting(quota, {
    variable: 'CERTRAIL_QUOTA_RECORD_SETS',
    default: '10000',
    meaning: 'how many record sets a zone of the Edge DNS API may have',
  }),
  quotaTrustChainSets: setting(quota, {
    variable: 'CERTRAIL_QUOTA_TRUST_CHAIN_SETS',
    default: { sandbox: 'none', live: '100' },
    meaning: 'how many trust-chain sets an account may have',
  }),
  quotaTrustChainRevisions: setting(quota, {
    variable: 'CERTRAIL_QUOTA_TRUST_CHAIN_REVISIONS',
    default: '100',
    meaning: 'how many revisions a trust-chain set may have',
  }),
  enrollmentInterval: setting(duration, {
    variable: 'CERTRAIL_ENROLLMENT_INTERVAL',
    default: 'PT0S',
    meaning: 'least time between two new enrollments of one contract; the original has five minutes',
  }),
  failpoint: optional(failpoint, {
    variable: 'CERTRAIL_FAILPOINT',
    unset: 'none',
    only: 'sandbox',
    refusedElsewhere: true,
    meaning:
      'the process kills itself with SIGKILL before that step, between the work of the step and its commit, or after the commit; once, and its log shows that it fired; in live mode with every ACME directory on this machine alone (labs)',
  }),
  acmeDirectory: setting(url('https'), {
    variable: 'CERTRAIL_ACME_DIRECTORY',
    default: 'https://acme-v02.api.letsencrypt.org/directory',
    only: 'live',
    meaning: 'ACME directory for `ra` lets-encrypt',
  }),
  ovAcmeDirectory: optional(url('https'), {
    variable: 'CERTRAIL_OV_ACME_DIRECTORY',
    unset: 'none',
    only: 'live',
    meaning: 'ACME directory of the first CA account for `ra` symantec',
  }),
  ovEabKid: optional(text, {
    variable: 'CERTRAIL_OV_EAB_KID',
    unset: 'none',
    only: 'live',
    meaning: "key identifier of that account's external account binding (RFC 8555 section 7.3.4)",
  }),
  ovEabHmac: optional(text, {
    variable: 'CERTRAIL_OV_EAB_HMAC',
    unset: 'none',
    only: 'live',
    secret: true,
    meaning: 'its HMAC key, base64url',
  }),
  ovEabHmacFile: optional(path, {
    variable: 'CERTRAIL_OV_EAB_HMAC_FILE',
    unset: 'none',
    only: 'live',
    meaning: 'file that holds the HMAC key, in place of the variable',
  }),
  acmeCaFile: optional(path, {
    variable: 'CERTRAIL_ACME_CA_FILE',
    unset: "the system's roots",
    only: 'live',
    meaning: "PEM file to trust for the ACME servers' own TLS",
  }),
  authorityRoots: optional(trustedRoots, {
    variable: 'CERTRAIL_AUTHORITY_ROOTS',
    unset: "the system's for Let's Encrypt, `any` for other directories",
    only: 'live',
    meaning:
      'roots that a chain from a CA has to lead to, where its account has none of its own (docs/live-mode.md); `any`: its links are judged and not where they end',
  }),
  resolver: optional(endpoint, {
    variable: 'CERTRAIL_RESOLVER',
    unset: "the system's; our responder in sandbox",
    meaning: 'DNS server that validation checks ask',
  }),
  validationHttpPort: optional(fixedPort, {
    variable: 'CERTRAIL_VALIDATION_HTTP_PORT',
    unset: 'our HTTP port in sandbox with our own responder, else 80',
    meaning: 'where http-01 checks connect',
  }),
  validationHttpsPort: optional(fixedPort, {
    variable: 'CERTRAIL_VALIDATION_HTTPS_PORT',
    unset: '443',
    meaning: 'where checks connect for tls-alpn-01, and for http-01 after a redirect to https (labs, tests)',
  }),
  validationDnsPort: optional(fixedPort, {
    variable: 'CERTRAIL_VALIDATION_DNS_PORT',
    unset: '53',
    meaning: 'where dns-01 checks ask the authoritative servers of a zone (labs, tests)',
  }),
  challengeHost: optional(host, {
    variable: 'CERTRAIL_CHALLENGE_HOST',
    unset: 'the first API name, at our HTTP port',
    meaning:
      'host whose port 80 leads to our HTTP port: where users redirect `/.well-known/acme-challenge/` to, once for all renewals',
  }),
  delegationZone: optional(host, {
    variable: 'CERTRAIL_DELEGATION_ZONE',
    unset: 'none',
    meaning:
      'zone delegated to our DNS responder, to which users alias `_acme-challenge` once for all renewals (docs/validation.md)',
  }),
  delegationNameServers: optional(nameServers, {
    variable: 'CERTRAIL_DELEGATION_NAME_SERVERS',
    unset: 'none; needed with a delegation zone',
    meaning:
      'its name servers, that is our responders; with addresses where their names lie in the zone itself',
  }),
  dnsProviders: optional(path, {
    variable: 'CERTRAIL_DNS_PROVIDERS',
    unset: 'none: people place TXT records',
    meaning:
      'JSON file that says, zone by zone, who writes the TXT records of dns-01 challenges: dynamic updates (RFC 2136), a webhook, or a person (docs/validation.md)',
  }),
  preflight: setting(preflight, {
    variable: 'CERTRAIL_PREFLIGHT',
    default: 'advise',
    meaning:
      'our own look at challenges and CAA before the CA is asked (docs/validation.md): `strict` offers nothing unseen, `advise` delays the CA a bounded time, `off` asks it as soon as somebody says that the values stand; `ACCOUNT=WORD` for single accounts',
  }),
  allowPrivateTargets: setting(oneOf('true', 'loopback', 'false'), {
    variable: 'CERTRAIL_ALLOW_PRIVATE_TARGETS',
    default: { sandbox: 'loopback', live: 'false' },
    meaning: 'whether outbound fetches may reach private addresses (labs, tests), or loopback only',
  }),
} as const satisfies Record<string, Setting<unknown>>

export type SettingKey = keyof typeof SETTINGS

export type SettingValues = {
  readonly [K in SettingKey]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never
}

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[]

export const flagOf = (variable: string): string =>
  `--${variable
    .replace(/^CERTRAIL_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`

/** Variables of the test suite, which the server that it starts inherits. */
export const TEST_PREFIX = 'CERTRAIL_TEST_'
