import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/change/content.ts'
import { runCommandLine } from '../support/command-line.ts'
import { createEnrollment, followChange } from '../support/enrollments.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { instanceAndAuthority } from '../support/outside-frame.ts'
import {
  acknowledgeChangeManagement,
  readChangeManagement,
  readSigningRequests,
  thirdPartyEnrollment,
  uploadTo,
} from '../support/third-party.ts'

type Enrollment = ReturnType<typeof thirdPartyEnrollment>
interface Explained {
  readonly comparison: {
    readonly production: string
    readonly differences: readonly { readonly id: string; readonly text: string }[]
    readonly clients: readonly {
      readonly client: string
      readonly staging: string
      readonly production: string
    }[]
    readonly note: string | null
  }
  readonly findings: readonly { readonly id: string; readonly text: string }[]
  readonly document: { readonly comparison: { readonly differences: readonly unknown[] } }
}

describe.skipIf(!hasOpenssl)(
  'staging next to production (skipped when the program openssl is missing)',
  () => {
    const outside = instanceAndAuthority()
    const until = (change: string, status: string) =>
      followChange(
        outside.instance.client,
        change,
        (info) => info.status === status || info.state === 'error',
      )

    /** Uploads, for one key or both, with this chain; what is doubtful is acknowledged. */
    async function upload(change: string, keys: readonly string[], trustChain: string): Promise<void> {
      const { client } = outside.instance
      await until(change, 'wait-upload-third-party')
      const { csrs } = (await readSigningRequests(client, change)).body
      const wanted = csrs.filter(({ keyAlgorithm }: { keyAlgorithm: string }) => keys.includes(keyAlgorithm))
      const sent = await Promise.all(
        wanted.map(async ({ csr, keyAlgorithm }: { csr: string; keyAlgorithm: 'RSA' | 'ECDSA' }) => ({
          keyAlgorithm,
          certificate: await outside.authority.sign(csr),
          trustChain,
        })),
      )
      await uploadTo(client, change, sent)
      const { body } = await followChange(
        client,
        change,
        ({ status, state }) => state === 'awaiting-input' && status !== 'wait-upload-third-party',
      )
      if (body.statusInfo.status !== 'wait-review-third-party-cert') return
      await client.call('POST', `${change}/input/update/post-verification-warnings-ack`, {
        accept: 'application/vnd.akamai.cps.change-id.v1+json',
        contentType: 'application/vnd.akamai.cps.acknowledgement.v1+json',
        body: { acknowledgement: 'acknowledge' },
      })
    }

    async function live(wanted: Enrollment, keys: readonly string[] = ['RSA']): Promise<string> {
      const { client, ready } = outside.instance
      const created = await createEnrollment(client, ready.contract, wanted)
      await upload(created.change, keys, outside.authority.intermediatePem)
      await until(created.change, 'wait-ack-change-management')
      expect((await explain(created.change)).comparison).toMatchObject({
        production: 'silent',
        differences: [],
      })
      expect((await acknowledgeChangeManagement(client, created.change)).status).toBe(200)
      await until(created.change, 'complete')
      return created.enrollment
    }

    async function changed(enrollment: string, wanted: Enrollment, query = ''): Promise<string> {
      const response = await outside.instance.client.call('PUT', `${enrollment}${query}`, {
        accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
        contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
        body: wanted,
      })
      expect([response.status, response.text]).toEqual([202, expect.anything()])
      return response.body.changes[0]
    }

    const explain = async (change: string): Promise<Explained> =>
      (await outside.instance.client.call('GET', `${change.replace('/cps/v2', '/certrail/v1')}/explain`)).body

    /** At the acknowledgement: what is told, which the hash has to cover. */
    async function told(change: string): Promise<Explained & { readonly ids: readonly string[] }> {
      await until(change, 'wait-ack-change-management')
      const explained = await explain(change)
      const hash = createHash('sha256').update(canonicalJson(explained.document)).digest('hex').slice(0, 40)
      expect((await readChangeManagement(outside.instance.client, change)).body.validationResultHash).toBe(
        hash,
      )
      expect(explained.document.comparison.differences).toEqual(explained.comparison.differences)
      expect(explained.findings.filter(({ id }) => id === 'VALIDATION_EXCEPTION')).toEqual([])
      return { ...explained, ids: explained.comparison.differences.map(({ id }) => id) }
    }

    const RENEWED = ['certificate']
    const withoutNoise = (ids: readonly string[]) => ids.filter((id) => id !== 'certificate-octets')

    it('tells the names that are gained and lost', async () => {
      const enrollment = await live(thirdPartyEnrollment('names.example', ['old.names.example']))
      const change = await changed(enrollment, thirdPartyEnrollment('names.example', ['new.names.example']))
      await upload(change, ['RSA'], outside.authority.intermediatePem)
      const { ids, comparison } = await told(change)
      expect(withoutNoise(ids)).toEqual([
        'names-gained',
        'names-lost',
        'certificate-names-gained',
        'certificate-names-lost',
        ...RENEWED,
      ])
      const [gained, lost] = comparison.differences
      expect(gained?.text).toContain('new.names.example')
      expect(lost?.text).toContain('old.names.example')

      const { stdout, exitCode } = await runCommandLine(['explain', 'names.example'], {
        home: outside.instance.home,
      })
      expect(exitCode).toBe(0)
      for (const { id, text } of comparison.differences) expect(stdout).toContain(`${id}: ${text}`)
      expect(stdout).toMatch(/a client of TLS 1\.3 +TLSv1\.3 TLS_AES_256_GCM_SHA384 http\/1\.1 \d+ octets/)
    })

    it('tells another kind of key, and the clients that it is for', async () => {
      const both = { enableMultiStackedCertificates: true }
      const enrollment = await live(thirdPartyEnrollment('key.example', [], both))
      const change = await changed(
        enrollment,
        thirdPartyEnrollment('key.example', [], both),
        '?force-renewal=true',
      )
      await upload(change, ['ECDSA'], outside.authority.intermediatePem)
      const { ids } = await told(change)
      expect(ids).toEqual(
        expect.arrayContaining(['key-type', 'clients-gained', 'clients-lost', 'certificate-octets']),
      )
    })

    it('tells another chain', async () => {
      const enrollment = await live(thirdPartyEnrollment('chain.example'))
      const change = await changed(enrollment, thirdPartyEnrollment('chain.example'), '?force-renewal=true')
      await upload(change, ['RSA'], '')
      const { ids } = await told(change)
      expect(withoutNoise(ids)).toEqual([...RENEWED, 'chain'])
      expect(ids).toContain('certificate-octets')
    })

    const settings = (cn: string, network: Record<string, unknown>): Enrollment => {
      const wanted = thirdPartyEnrollment(cn)
      return { ...wanted, networkConfiguration: { ...wanted.networkConfiguration, ...network } }
    }

    it('tells a TLS version that is spoken no more', async () => {
      const enrollment = await live(settings('version.example', { disallowedTlsVersions: [] }))
      const change = await changed(
        enrollment,
        settings('version.example', { disallowedTlsVersions: ['TLSv1_2'] }),
      )
      const { ids } = await told(change)
      expect(ids).toEqual(['clients-lost', 'versions-lost'])
    })

    it('tells another cipher profile by the clients that need it', async () => {
      const profile = (name: string) => ({ mustHaveCiphers: name, preferredCiphers: name })
      const enrollment = await live(settings('cipher.example', profile('ak-akamai-2020q1')))
      const change = await changed(enrollment, settings('cipher.example', profile('ak-soft-errors')))
      const { ids } = await told(change)
      expect(ids).toEqual(['clients-gained'])
    })
  },
)
