import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, readChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import {
  hasOpenssl,
  makeOutsideAuthority,
  type OcspResponder,
  type OutsideAuthority,
} from '../support/outside-authority.ts'
import { readSigningRequests, thirdPartyEnrollment, uploadTo } from '../support/third-party.ts'

const run = promisify(execFile)
const MOST_LOOKS = 60

describe.skipIf(!hasOpenssl)(
  'OCSP responses go along with certificates that name a responder (skipped when the program openssl is missing)',
  () => {
    let authority: OutsideAuthority
    let responder: OcspResponder
    let home: string
    let instance: Instance
    beforeAll(async () => {
      authority = await makeOutsideAuthority()
      responder = await authority.startResponder()
      home = await makeHome()
      instance = await startInstance(home)
    })
    afterAll(async () => {
      expect(await instance.stop()).toBe(0)
      await removeHome(home)
      await authority.close()
    })

    async function until(change: string, status: string): Promise<void> {
      for (let look = 0; look < MOST_LOOKS; look += 1) {
        const answer = await readChange(instance.client, change, look === 0 ? undefined : 5)
        const info = answer.body.statusInfo
        if (info?.status === status) return
        expect(info).toMatchObject({ error: null })
      }
      throw new Error(`${change} never came to ${status}`)
    }

    async function bringLive(name: string, network: Record<string, unknown> = {}): Promise<string> {
      const { networkConfiguration, ...rest } = thirdPartyEnrollment(name, [], { changeManagement: false })
      const wanted = { ...rest, networkConfiguration: { ...networkConfiguration, ...network } }
      const { change } = await createEnrollment(instance.client, instance.ready.contract, wanted)
      await until(change, 'wait-upload-third-party')
      const { csrs } = (await readSigningRequests(instance.client, change)).body
      const certificate = await authority.sign(csrs[0].csr)
      const upload = { keyAlgorithm: 'RSA' as const, certificate, trustChain: authority.intermediatePem }
      expect((await uploadTo(instance.client, change, [upload])).status).toBe(200)
      await until(change, 'complete')
      return certificate
    }

    /** As openssl sees it when it asks for a status: `good`, another status, or null where none is sent. */
    async function stapled(name: string, version: string): Promise<string | null> {
      const args = [
        's_client',
        '-connect',
        instance.ready.production,
        '-servername',
        name,
        '-status',
        version,
      ]
      const { stdout } = await run('sh', ['-c', 'exec openssl "$@" </dev/null 2>&1', 'sh', ...args])
      if (stdout.includes('OCSP response: no response sent')) return null
      return /Cert Status: (\w+)/.exec(stdout)?.[1] ?? stdout
    }

    it('from the first handshake on, in TLS 1.2 and 1.3, and stay when the responder goes away and the process is started again', async () => {
      await bringLive('stapled.example', { ocspStapling: 'on' })
      expect(await stapled('stapled.example', '-tls1_3')).toBe('good')
      expect(await stapled('stapled.example', '-tls1_2')).toBe('good')
      await responder.stop()
      expect(await instance.stop()).toBe(0)
      instance = await startInstance(home)
      expect(await stapled('stapled.example', '-tls1_3')).toBe('good')
    })

    it('not where stapling is off, and nothing fails where the responder is away', async () => {
      await bringLive('silent.example', { ocspStapling: 'on' })
      expect(await stapled('silent.example', '-tls1_3')).toBe(null)
      await bringLive('off.example', { ocspStapling: 'off' })
      expect(await stapled('off.example', '-tls1_3')).toBe(null)
    })
  },
)
