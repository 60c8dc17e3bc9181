import { describe, expect, it } from 'vitest'
import { locateHome } from '../../scripts/lib/home.mjs'
import { InvalidConfig } from './invalid-config.ts'
import { type ConfigInput, loadConfig } from './load.ts'
import { SETTING_KEYS, SETTINGS } from './settings.ts'

const load = (input: Partial<Omit<ConfigInput, 'readText'>> & { file?: unknown } = {}) =>
  loadConfig({
    argv: input.argv ?? [],
    env: input.env ?? {},
    workingDirectory: '/srv/clone',
    readText: () =>
      input.file === undefined
        ? null
        : typeof input.file === 'string'
          ? input.file
          : JSON.stringify(input.file),
  })

function refused(input: Parameters<typeof load>[0]) {
  try {
    load(input)
  } catch (error) {
    if (error instanceof InvalidConfig) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** Of one network, under the keys of the file. */
const edgeDefaults = (network: string) => ({
  [`${network}Edge`]: 'builtin',
  [`${network}EdgeAddress`]: null,
  [`${network}EdgeCandidate`]: null,
  [`${network}EdgeFolder`]: `/srv/clone/.certrail/edges/${network}`,
  [`${network}EdgeReload`]: null,
  [`${network}EdgeFileOwner`]: null,
  [`${network}EdgeFileMode`]: 0o600,
  [`${network}EdgePkcs12PasswordFile`]: null,
  [`${network}Slots`]: null,
  [`${network}HaproxySocket`]: null,
  [`${network}HaproxyMasterSocket`]: null,
})

describe('loadConfig', () => {
  it('gives the defaults of the sandbox when nothing is set', () => {
    const { sources, warnings, seed, ...values } = load()
    expect(values).toEqual({
      home: '/srv/clone/.certrail',
      mode: 'sandbox',
      host: ['127.0.0.1', '::1'],
      advertisedHosts: null,
      apiNames: ['localhost', '127.0.0.1', '::1'],
      apiPort: 7443,
      stagingPort: 8443,
      productionPort: 9443,
      ...edgeDefaults('staging'),
      ...edgeDefaults('production'),
      httpPort: 8080,
      dnsPort: 8053,
      metricsPort: 9464,
      roles: ['api', 'jobs', 'edge'],
      databaseUrl: null,
      kekFile: '/srv/clone/.certrail/keys/kek',
      log: 'info',
      caKey: 'ec',
      preVerification: 'pass',
      trustedRoots: { kind: 'any' },
      sandboxPace: {},
      sandboxValidation: 'automatic',
      sandboxValidationDwell: { milliseconds: 30_000 },
      sandboxVetting: { milliseconds: 5_000 },
      sandboxAdopt: false,
      sandboxSeed: null,
      smtpUrl: null,
      smtpFrom: 'certrail@localhost',
      noticeDigest: { milliseconds: 10_000 },
      heartbeatUrl: null,
      heartbeatPeriod: { milliseconds: 60_000 },
      sandboxProfile: 'classic',
      orderLimit: { most: null },
      renewalLeadDays: { ev: 90, ov: 60, 'third-party': 60, dv: 30 },
      wireSpelling: 'coodinate',
      rateLimits: 'off',
      quotaEnrollments: { most: null },
      quotaOpenChanges: { most: null },
      quotaUploads: { most: 100 },
      quotaZones: { most: null },
      quotaRecordSets: { most: 10_000 },
      quotaTrustChainSets: { most: null },
      quotaTrustChainRevisions: { most: 100 },
      edgeKeepsLoaded: { milliseconds: 600_000 },
      edgeReadyCertificates: 1_000,
      enrollmentInterval: { milliseconds: 0 },
      failpoint: null,
      acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
      ovAcmeDirectory: null,
      ovEabKid: null,
      ovEabHmac: null,
      ovEabHmacFile: null,
      acmeCaFile: null,
      authorityRoots: null,
      authorities: [],
      resolver: null,
      challengeHost: null,
      delegationZone: null,
      delegationNameServers: null,
      dnsProviders: null,
      preflight: { default: 'advise', accounts: {} },
      validationHttpPort: null,
      validationHttpsPort: null,
      validationDnsPort: null,
      allowPrivateTargets: 'loopback',
    })
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
    expect([warnings, seed]).toEqual([[], null])
  })

  it('takes the other defaults in live mode, wherever the mode was set', () => {
    for (const input of [
      { argv: ['--mode', 'live'] },
      { env: { CERTRAIL_MODE: 'live' } },
      { file: { mode: 'live' } },
    ]) {
      const config = load(input)
      expect(config).toMatchObject({
        mode: 'live',
        trustedRoots: { kind: 'system' },
        rateLimits: 'cps',
        allowPrivateTargets: 'false',
      })
    }
  })

  it('puts the flag over the environment over the file over the default', () => {
    const file = { apiPort: 1001, stagingPort: 1002, httpPort: '1003' }
    const env = { CERTRAIL_API_PORT: '2001', CERTRAIL_STAGING_PORT: '2002', CERTRAIL_HTTP_PORT: '' }
    const config = load({ argv: ['--api-port', '3001'], env, file })
    expect(config).toMatchObject({ apiPort: 3001, stagingPort: 2002, httpPort: 1003, dnsPort: 8053 })
    expect(config.sources).toMatchObject({
      apiPort: 'flag',
      stagingPort: 'environment',
      httpPort: 'file',
      dnsPort: 'default',
    })
  })

  it('reads every setting from a flag, from its variable and from the file alike', () => {
    const texts = {
      mode: 'live',
      host: '10.0.0.1,fe80::1',
      apiNames: 'certrail,10.0.0.1',
      roles: 'api,edge',
      databaseUrl: 'postgresql://u:p@db/certrail',
      sandboxValidationDwell: 'P1D',
      trustedRoots: '/etc/a.pem,/etc/b.pem',
      resolver: '[::1]:53',
      ovAcmeDirectory: 'https://ca.example/dir',
      ovEabKid: 'kid',
      ovEabHmac: 'hmac',
      allowPrivateTargets: 'true',
      validationHttpPort: '5002',
    } as const
    const expected = load({ file: texts })
    const keys = Object.keys(texts) as (keyof typeof texts)[]
    const env = Object.fromEntries(keys.map((key) => [SETTINGS[key].variable, texts[key]]))
    const argv = keys.map((key) => {
      const flag = SETTINGS[key].variable
        .replace(/^CERTRAIL_/, '')
        .toLowerCase()
        .replaceAll('_', '-')
      return `--${flag}=${texts[key]}`
    })
    for (const other of [load({ env }), load({ argv })]) {
      for (const key of keys) expect(other[key], key).toEqual(expected[key])
    }
    expect(expected.trustedRoots).toEqual({ kind: 'files', paths: ['/etc/a.pem', '/etc/b.pem'] })
    expect(expected.resolver).toEqual({ host: '::1', port: 53 })
    expect(expected.roles).toEqual(['api', 'edge'])
  })

  it('takes lists, numbers and booleans of the file as what they are', () => {
    const config = load({ file: { host: ['0.0.0.0'], apiPort: 0, sandboxAdopt: true, resolver: null } })
    expect(config).toMatchObject({ host: ['0.0.0.0'], apiPort: 0, sandboxAdopt: true, resolver: null })
  })

  it('resolves a relative path from the working directory, and in the file from the home', () => {
    expect(load({ env: { CERTRAIL_KEK_FILE: 'my/kek' } }).kekFile).toBe('/srv/clone/my/kek')
    expect(load({ argv: ['--home', 'elsewhere'], file: { kekFile: 'my/kek' } }).kekFile).toBe(
      '/srv/clone/elsewhere/my/kek',
    )
    expect(load({ argv: ['--home=/srv/certrail'] }).kekFile).toBe('/srv/certrail/keys/kek')
  })

  it('looks for the file in the home that flag or environment name', () => {
    const asked: string[] = []
    const readText = (path: string) => {
      asked.push(path)
      return null
    }
    loadConfig({
      argv: ['--home', '/a'],
      env: { CERTRAIL_HOME: '/b' },
      workingDirectory: '/srv/clone',
      readText,
    })
    loadConfig({ argv: [], env: { CERTRAIL_HOME: 'b' }, workingDirectory: '/srv/clone', readText })
    expect(asked).toEqual(['/a/certrail.config.json', '/srv/clone/b/certrail.config.json'])
  })

  it.each([
    [['--home', 'x'], { CERTRAIL_HOME: '/b' }],
    [['--home=x'], {}],
    [['--api-port', '0'], { CERTRAIL_HOME: 'b' }],
    [[], { CERTRAIL_HOME: '' }],
    [['--home', 'x', '--home', 'y'], {}],
  ])('finds the same home as the start script, which looks before anything is built: %j %j', (argv, env) => {
    expect(locateHome({ argv, env, workingDirectory: '/srv/clone' })).toBe(load({ argv, env }).home)
  })

  it('lists every bad setting at once, by the name it was given under, with what is allowed', () => {
    const error = refused({
      argv: ['--mode', 'production', '--dns-port', '70000'],
      env: { CERTRAIL_HOST: 'localhost', CERTRAIL_SANDBOX_VALIDATION_DWELL: '30s' },
      file: { httpPort: 'http', colour: 'blue', home: '/x', roles: [] },
    })
    expect(error.findings).toEqual([
      { name: 'certrail.config.json: colour', detail: 'no such setting; docs/config.md lists them all' },
      { name: 'certrail.config.json: home', detail: 'the file stands in the home and cannot name it' },
      { name: '--mode', detail: '`sandbox` or `live`; it is "production"' },
      { name: 'CERTRAIL_HOST', detail: 'IP addresses, separated by commas; it is "localhost"' },
      {
        name: 'certrail.config.json: httpPort',
        detail: 'a port, 0 to 65535 (0: any free one); it is "http"',
      },
      { name: '--dns-port', detail: 'a port, 0 to 65535 (0: any free one); it is "70000"' },
      {
        name: 'certrail.config.json: roles',
        detail: '`api`, `jobs`, `edge`: one or more, separated by commas; it is ""',
      },
      {
        name: 'CERTRAIL_SANDBOX_VALIDATION_DWELL',
        detail: 'an ISO 8601 duration such as `PT30S` or `P30D`; it is "30s"',
      },
    ])
    for (const { name, detail } of error.findings) expect(error.message).toContain(`  ${name}: ${detail}`)
    expect(error.message).toMatch(/^Certrail does not start: 8 settings are not usable\./)
  })

  it('never repeats a secret in what it refuses', () => {
    const error = refused({
      env: { DATABASE_URL: 'mysql://u:hunter2@db/x' },
      file: { seed: { clients: [{ clientSecret: 'hunter2 hunter2', role: 'hunter2' }] } },
    })
    expect(error.findings.map(({ name }) => name)).toContain('DATABASE_URL')
    expect(error.message).not.toContain('hunter2')
    const broken = refused({ file: '{"seed": {"clients": [{"clientSecret": hunter2}]}}' })
    expect(broken.findings).toEqual([{ name: 'certrail.config.json', detail: 'not a JSON object' }])
    expect(broken.message).not.toContain('hunter2')
  })

  it.each([
    [['--apiport', '1'], '--apiport'],
    [['start'], 'start'],
    [['--api-port'], '--api-port'],
    [['--api-port='], '--api-port'],
    [['--api-port', '--dns-port', '1'], '--api-port'],
  ])('refuses the flags %j: %s', (argv, name) => {
    expect(refused({ argv }).findings[0]?.name).toBe(name)
  })

  it('refuses one port for two listeners, but not port 0 twice', () => {
    const { findings } = refused({ env: { CERTRAIL_API_PORT: '8443' } })
    expect(findings).toEqual([
      { name: 'CERTRAIL_STAGING_PORT', detail: 'the same port as CERTRAIL_API_PORT, 8443' },
    ])
    expect(load({ argv: ['--api-port=0', '--staging-port=0', '--dns-port=0'] }).dnsPort).toBe(0)
  })

  it('wants directory, kid and HMAC key of a CA account together', () => {
    const { findings } = refused({ env: { CERTRAIL_MODE: 'live', CERTRAIL_OV_EAB_KID: 'kid' } })
    expect(findings.map(({ name }) => name)).toEqual(['CERTRAIL_OV_ACME_DIRECTORY', 'CERTRAIL_OV_EAB_HMAC'])
    const binding = { CERTRAIL_OV_ACME_DIRECTORY: 'https://ca.example/', CERTRAIL_OV_EAB_KID: 'kid' }
    const env = { CERTRAIL_MODE: 'live', ...binding, CERTRAIL_OV_EAB_HMAC_FILE: '/run/eab' }
    expect(load({ env }).ovEabHmacFile).toBe('/run/eab')
    expect(
      refused({ env: { ...env, CERTRAIL_OV_EAB_HMAC: 'AAAA' } }).findings.map(({ name }) => name),
    ).toEqual(['CERTRAIL_OV_EAB_HMAC_FILE'])
  })

  it('wants address, candidate and socket of a HAProxy edge', () => {
    const { findings } = refused({ env: { CERTRAIL_PRODUCTION_EDGE: 'haproxy' } })
    expect(findings.map(({ name }) => name)).toEqual([
      'CERTRAIL_PRODUCTION_EDGE_ADDRESS',
      'CERTRAIL_PRODUCTION_EDGE_CANDIDATE',
      'CERTRAIL_PRODUCTION_HAPROXY_SOCKET',
    ])
  })

  it('takes one HAProxy for both networks, and refuses folders and addresses that they would share', () => {
    const edge = (network: string, port: number) => ({
      [`CERTRAIL_${network}_EDGE`]: 'haproxy',
      [`CERTRAIL_${network}_HAPROXY_SOCKET`]: '/run/haproxy.sock',
      [`CERTRAIL_${network}_EDGE_ADDRESS`]: `192.0.2.1:${port}`,
      [`CERTRAIL_${network}_EDGE_CANDIDATE`]: `127.0.0.1:${port + 1}`,
    })
    const both = { ...edge('STAGING', 8443), ...edge('PRODUCTION', 443) }
    expect(load({ env: both }).productionHaproxySocket).toBe(load({ env: both }).stagingHaproxySocket)
    const folders = {
      CERTRAIL_STAGING_EDGE_FOLDER: '/srv/edge',
      CERTRAIL_PRODUCTION_EDGE_FOLDER: '/srv/edge',
    }
    expect(refused({ env: { ...both, ...folders } }).findings).toEqual([
      {
        name: 'CERTRAIL_PRODUCTION_EDGE_FOLDER',
        detail: 'the same folder as CERTRAIL_STAGING_EDGE_FOLDER: each network has files of its own',
      },
    ])
    const shared = { ...edge('STAGING', 443), ...edge('PRODUCTION', 443) }
    expect(refused({ env: shared }).findings).toEqual([
      {
        name: 'CERTRAIL_PRODUCTION_EDGE_ADDRESS',
        detail: 'the same address as CERTRAIL_STAGING_EDGE_ADDRESS, 192.0.2.1:443',
      },
      {
        name: 'CERTRAIL_PRODUCTION_EDGE_CANDIDATE',
        detail: 'the same address as CERTRAIL_STAGING_EDGE_CANDIDATE, 127.0.0.1:444',
      },
    ])
  })

  it('refuses a failpoint in live mode, and warns of other settings that mean nothing in the mode', () => {
    const env = { CERTRAIL_MODE: 'live', CERTRAIL_FAILPOINT: 'after:generate-csr' }
    expect(refused({ env }).findings).toEqual([
      { name: 'CERTRAIL_FAILPOINT', detail: 'not allowed in live mode' },
    ])
    const lab = { ...env, CERTRAIL_ACME_DIRECTORY: 'https://localhost:14000/dir' }
    expect(load({ env: lab })).toMatchObject({ failpoint: 'after:generate-csr', warnings: [] })
    const refusal = { findings: [{ name: 'CERTRAIL_FAILPOINT' }] }
    const elsewhere = 'https://acme.ca.example/directory'
    const bound = { CERTRAIL_OV_EAB_KID: 'k', CERTRAIL_OV_EAB_HMAC: 'a'.repeat(43) }
    expect(refused({ env: { ...lab, ...bound, CERTRAIL_OV_ACME_DIRECTORY: elsewhere } })).toMatchObject(
      refusal,
    )
    const file = { authorities: [{ name: 'ov', directory: elsewhere, validationTypes: ['ov'] }] }
    expect(refused({ env: lab, file })).toMatchObject(refusal)
    expect(load({ env: { CERTRAIL_MODE: 'live', CERTRAIL_SANDBOX_VETTING: 'manual' } }).warnings).toEqual([
      'CERTRAIL_SANDBOX_VETTING has no effect in live mode',
    ])
    expect(load({ env: { CERTRAIL_FAILPOINT: 'after:generate-csr' } }).failpoint).toBe('after:generate-csr')
  })

  it('warns of variables with our prefix that are no settings, and of no others', () => {
    const env = { CERTRAIL_API_PROT: '1', CERTRAIL_TEST_SEED: '1', PATH: '/bin', CERTRAIL_LOG: 'warn' }
    expect(load({ env }).warnings).toEqual([
      'CERTRAIL_API_PROT is no setting of Certrail; docs/config.md lists them all',
    ])
  })

  it('is frozen all through', () => {
    const config = load({ file: { seed: { accounts: [{ id: 'A-1', name: 'One' }] } } })
    const frozen = [
      config,
      config.host,
      config.sources,
      config.trustedRoots,
      config.seed,
      config.seed?.accounts[0],
    ]
    expect(frozen.map((part) => Object.isFrozen(part))).toEqual(frozen.map(() => true))
  })
})

describe('SETTINGS', () => {
  it('names each setting in the file as its variable says', () => {
    for (const key of SETTING_KEYS) {
      const words = SETTINGS[key].variable.replace(/^CERTRAIL_/, '').toLowerCase()
      expect(words.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(key)
    }
  })
})
