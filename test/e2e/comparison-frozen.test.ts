import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareNetworks } from '../../src/app/effects/compare-networks.ts'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { canonicalJson } from '../../src/domain/change/content.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import type { EdgeSetting, ServiceSettings } from '../../src/composition/settings.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { hasHaproxy, placeholderPem, type TestHaproxy } from '../support/haproxy.ts'
import { closeFleet, type HaproxyFleet, startFleet } from '../support/haproxy-fleet.ts'
import { hasNginx, startNginx, type TestNginx } from '../support/nginx.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const slot = (name: string) => ({ host: '127.0.0.1', port: 0, name })
const MANAGED = { changeManagement: true }
const managed = (
  cn: string,
  sans: readonly string[] = [],
  network: Partial<EnrollmentSettings['networkConfiguration']> = {},
): EnrollmentSettings => {
  const settings = { ...dvSettings(cn, sans), ...MANAGED }
  return { ...settings, networkConfiguration: { ...settings.networkConfiguration, ...network } }
}

/** An account's enrollments over these edges, each change carried to where it rests. */
function life(edges: () => Promise<ServiceSettings['edges']>) {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({ edges: await edges() })
  })
  afterAll(() => running.close())
  const statusOf = async (ref: ChangeReference) =>
    (await running.useCases.getChange(running.caller, ref)).status
  async function rested(ref: ChangeReference): Promise<ChangeReference> {
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge').catch(() => {})
    await expect.poll(() => statusOf(ref), { timeout: 30_000 }).toMatch(/^(complete|wait-ack)/)
    return ref
  }
  return {
    get running() {
      return running
    },
    statusOf,
    begun: async (settings: EnrollmentSettings) =>
      rested(
        await running.useCases.createEnrollment(running.caller, {
          contractId: contractId('1-SANDBOX'),
          settings,
          schedule: NO_SCHEDULE,
          allowDuplicateCn: true,
        }),
      ),
    async updated({ enrollmentId }: ChangeReference, settings: EnrollmentSettings) {
      const changeId = await running.useCases.updateEnrollment(running.caller, enrollmentId, {
        settings: () => settings,
        schedule: NO_SCHEDULE,
        allowCancelPendingChanges: false,
        allowStagingBypass: false,
        forceRenewal: true,
        renewalDateCheckOverride: true,
        allowMissingCertificateAddition: false,
      })
      if (changeId === null) throw new Error('the update made no change')
      return rested({ enrollmentId, changeId })
    },
    async released(ref: ChangeReference): Promise<ChangeReference> {
      await running.useCases.acknowledgeChangeManagement(running.caller, ref, 'acknowledge', null)
      await expect.poll(() => statusOf(ref), { timeout: 30_000 }).toBe('complete')
      return ref
    },
    explained: (ref: ChangeReference) => running.useCases.explain(running.caller, ref),
    hashOf: async (ref: ChangeReference) =>
      (await running.useCases.getChangeManagementInfo(running.caller, ref)).hash,
  }
}

describe('what was compared', () => {
  const edge = { kind: 'builtin', slots: [slot('kept.example')] } as const
  const account = life(async () => ({ staging: edge, production: edge }))

  it('is the same at a second look, to the letter, clients without a name among it', async () => {
    const settings = managed('kept.example', ['*.kept.example'], { sniOnly: false })
    const live = await account.released(await account.begun(settings))
    const ref = await account.updated(live, settings)
    const { deps } = account.running.services
    const { store } = deps
    const [change, deployment, certificates] = await Promise.all([
      store.read.changes.load(ref.changeId),
      store.read.deployments.find(ref.changeId, 'staging'),
      store.read.certificates.ofChange(ref.changeId),
    ])
    if (change === null || deployment === null) throw new Error('nothing was staged')
    const kept = await store.read.comparisons.find(deployment.id)
    const locked = { read: store.read, transaction: store.transaction }
    const { signal } = new AbortController()
    for (let look = 0; look < 2; look += 1)
      expect(
        (await compareNetworks({ deps, locked, change, signal }, deployment, certificates)).record,
      ).toEqual(kept)
    const { comparison, findings } = await account.explained(ref)
    expect(findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION')).toEqual([])
    expect(comparison?.clients.at(-1)).toMatchObject({
      client: 'a client that says no name',
      staging: expect.stringMatching(/^TLSv1.3/),
      production: expect.stringMatching(/^TLSv1.3/),
    })
  })

  it('stays with its hash when another enrollment takes the name over in production, and explain says so', async () => {
    const mine = await account.released(await account.begun(managed('taken.example')))
    const ref = await account.updated(mine, managed('taken.example'))
    const before = await account.explained(ref)
    const hash = await account.hashOf(ref)
    expect(before.comparison?.note).toBeNull()
    await account.begun(dvSettings('other.example', ['taken.example']))
    const after = await account.explained(ref)
    expect(after.comparison?.note).toMatch(/taken\.example is answered by another deployment/)
    expect({ ...after.comparison, note: null }).toEqual(before.comparison)
    expect(after.document).toEqual(before.document)
    expect(await account.hashOf(ref)).toBe(hash)
    expect(createHash('sha256').update(canonicalJson(after.document)).digest('hex').slice(0, 40)).toBe(hash)
    await account.running.useCases.acknowledgeChangeManagement(
      account.running.caller,
      ref,
      'acknowledge',
      hash,
    )
    await expect.poll(() => account.statusOf(ref), { timeout: 30_000 }).toBe('complete')
    expect((await account.explained(ref)).comparison).toMatchObject({ note: null, production: 'answers' })
  })

  it.each([true, false])(
    'is seen without a client certificate too, where one is asked for (told whose: %s)',
    async (told) => {
      const { useCases, caller } = account.running
      const { rootPem } = await makeTestAuthority()
      const { set } = await useCases.createTrustChainSet(caller, {
        id: null,
        name: `Told ${told}`,
        certificates: rootPem,
      })
      const mutual = {
        setId: set.id,
        authenticationOptions: { ocsp: { enabled: false }, sendCaListToClient: told },
      }
      const ref = await account.begun(
        managed(`mutual-${told}.example`, [], { clientMutualAuthentication: mutual }),
      )
      const { comparison, findings } = await account.explained(ref)
      expect(findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION')).toEqual([])
      const met = comparison?.clients.filter(({ staging }) => staging.startsWith('TLSv1.'))
      expect(met?.map(({ client }) => client)).toEqual([
        'a client of TLS 1.2 that knows ECDSA alone',
        'a client of TLS 1.3',
        'a client of HTTP/2',
      ])
    },
  )

  it('is nothing where no acknowledgement follows', async () => {
    const ref = await account.begun(dvSettings('unmanaged.example'))
    expect((await account.explained(ref)).comparison).toBeNull()
  })

  it('says which answers are missing, and goes on, while an edge of production is away', async () => {
    const { pool } = account.running.database
    const live = await account.released(await account.begun(managed('away.example')))
    await pool.query(
      `insert into edge_listeners (id, network, addresses, real_seen_at) values ('away', 'production', '{127.0.0.1:1}', $1)`,
      [Date.now() + 3_600_000],
    )
    const ref = await account.updated(live, managed('away.example'))
    const { comparison, findings } = await account.explained(ref)
    expect(comparison?.differences.map(({ id }) => id).filter((id) => id !== 'certificate-octets')).toEqual([
      'certificate',
    ])
    for (const { client, production } of comparison?.clients ?? [])
      if (client !== 'a client that says no name') expect(production).toMatch(/ or unreachable$/)
    expect(findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION')).toEqual([])
  })
})

describe.skipIf(!hasHaproxy)('over HAProxy (skipped when the program haproxy is missing)', () => {
  let fleet: HaproxyFleet
  const account = life(async () => {
    fleet = await startFleet(await placeholderPem(await makeTestAuthority()))
    const settingOf = (haproxy: TestHaproxy): EdgeSetting => ({
      kind: 'haproxy',
      addresses: [haproxy.address],
      candidate: haproxy.candidate,
      socket: haproxy.socketPath,
      masterSocket: haproxy.masterPath,
      reload: null,
      folder: `${haproxy.folder}/edge`,
    })
    return { staging: settingOf(fleet.staging), production: settingOf(fleet.production) }
  })
  afterAll(() => closeFleet(fleet))

  it('the same is told, and nothing that was not promised', async () => {
    const cn = 'told.example'
    const broad = { mustHaveCiphers: 'ak-soft-errors', preferredCiphers: 'ak-soft-errors' }
    const live = await account.released(await account.begun(managed(cn, ['old.told.example'], broad)))
    const disallowedTlsVersions = ['TLSv1_3']
    const ref = await account.updated(live, managed(cn, ['new.told.example'], { disallowedTlsVersions }))
    const { comparison, findings } = await account.explained(ref)
    expect(findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION')).toEqual([])
    expect(comparison?.differences.map(({ id }) => id).filter((id) => id !== 'certificate-octets')).toEqual([
      'names-gained',
      'names-lost',
      'certificate-names-gained',
      'certificate-names-lost',
      'certificate',
      'clients-lost',
      'versions-lost',
      'version',
      'cipher',
    ])
    const lost = comparison?.differences.find(({ id }) => id === 'clients-lost')
    expect(lost?.text).toContain('a client of TLS 1.3')
    expect(lost?.text).toContain('a client whose best ciphers are CBC with SHA-1')
    await account.released(ref)
  })
})

describe.skipIf(!hasNginx)(
  'a staging server that does not carry the settings out (skipped when the program nginx is missing)',
  () => {
    let nginx: TestNginx
    // Debian's nginx 1.22 speaks TLS 1.2 at most unless it is told otherwise, and takes versions from its default server alone.
    const account = life(async () => {
      nginx = await startNginx({ protocols: '' })
      const variables = Object.entries(nginx.environment).map(([name, value]) => `${name}='${value}'`)
      return {
        staging: {
          kind: 'directory',
          addresses: [nginx.address],
          folder: `${nginx.folder}/edge`,
          reload: `env ${variables.join(' ')} ${nginx.reloadCommand}`,
          owner: null,
          mode: 0o600,
          pkcs12PasswordFile: null,
        },
        production: { kind: 'builtin', slots: [] },
      }
    })
    afterAll(() => nginx.close())

    it('is told as a finding, which the hash covers, and keeps nothing from going on', async () => {
      const ref = await account.begun(managed('unpromised.example'))
      const told = ['On staging a client of TLS 1.3 is refused, although the settings allow it']
      const { findings, document } = await account.explained(ref)
      const unexpected = findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION').map(({ text }) => text)
      expect(unexpected).toEqual(expect.arrayContaining(told.map((text) => `Validation exception: ${text}.`)))
      const info = await account.running.useCases.getChangeManagementInfo(account.running.caller, ref)
      expect(info.warnings.map(({ text }) => text)).toEqual(expect.arrayContaining(unexpected))
      expect(JSON.stringify(document)).toContain(told[0])
      await account.released(ref)
    })
  },
)
