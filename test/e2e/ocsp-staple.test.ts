import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasHaproxy, placeholderPem } from '../support/haproxy.ts'
import { closeFleet, fleetEnvironment, type HaproxyFleet, startFleet } from '../support/haproxy-fleet.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
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

const EDGES = [
  { edge: 'our own edge', isThere: hasOpenssl, withHaproxy: false },
  { edge: 'HAProxy', isThere: hasOpenssl && hasHaproxy, withHaproxy: true },
]

describe.each(EDGES)(
  '$edge (skipped when the program openssl or haproxy is missing)',
  ({ isThere, withHaproxy }) => {
    describe.skipIf(!isThere)('OCSP responses go along with certificates that name a responder', () => {
      let fleet: HaproxyFleet | null = null
      let authority: OutsideAuthority
      let responder: OcspResponder
      let home: string
      let env: Readonly<Record<string, string>> = {}
      let instance: Instance
      beforeAll(async () => {
        authority = await makeOutsideAuthority()
        responder = await authority.startResponder()
        home = await makeHome()
        if (withHaproxy) fleet = await startFleet(await placeholderPem(await makeTestAuthority()))
        env = fleet === null ? {} : fleetEnvironment(fleet)
        instance = await startInstance(home, env)
      })
      afterAll(async () => {
        expect(await instance.stop()).toBe(0)
        await removeHome(home)
        await authority.close()
        if (fleet !== null) await closeFleet(fleet)
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

      async function bringLive(
        name: string,
        network: Record<string, unknown> = {},
        enableMultiStackedCertificates = false,
      ): Promise<string> {
        const { networkConfiguration, ...rest } = thirdPartyEnrollment(name, [], { changeManagement: false })
        const wanted = {
          ...rest,
          enableMultiStackedCertificates,
          networkConfiguration: { ...networkConfiguration, ...network },
        }
        const { change } = await createEnrollment(instance.client, instance.ready.contract, wanted)
        await until(change, 'wait-upload-third-party')
        const { csrs } = (await readSigningRequests(instance.client, change)).body
        const uploads = []
        for (const { csr, keyAlgorithm } of csrs)
          uploads.push({
            keyAlgorithm,
            certificate: await authority.sign(csr),
            trustChain: authority.intermediatePem,
          })
        expect((await uploadTo(instance.client, change, uploads)).status).toBe(200)
        await until(change, 'complete')
        return uploads[0]?.certificate ?? ''
      }

      /** As openssl sees it when it asks for a status: `good`, another status, or null where none is sent. */
      async function stapled(name: string, ...asked: string[]): Promise<string | null> {
        const args = [
          's_client',
          '-connect',
          instance.ready.production,
          '-servername',
          name,
          '-status',
          ...asked,
        ]
        const { stdout } = await run('sh', ['-c', 'exec openssl "$@" </dev/null 2>&1', 'sh', ...args])
        if (stdout.includes('OCSP response: no response sent')) return null
        return /Cert Status: (\w+)/.exec(stdout)?.[1] ?? stdout
      }

      async function algorithmSeen(name: string, signatures: string): Promise<string> {
        const command = `openssl s_client -connect ${instance.ready.production} -servername ${name} -sigalgs ${signatures} </dev/null 2>/dev/null | openssl x509 -noout -text | grep 'Public Key Algorithm'`
        return (await run('sh', ['-c', command])).stdout
      }

      it('from the first handshake on, in TLS 1.2 and 1.3, and stay when the responder goes away and the process is started again', async () => {
        await bringLive('stapled.example', { ocspStapling: 'on' })
        expect(await stapled('stapled.example', '-tls1_3')).toBe('good')
        expect(await stapled('stapled.example', '-tls1_2')).toBe('good')
        await responder.stop()
        expect(await instance.stop()).toBe(0)
        instance = await startInstance(home, env)
        expect(await stapled('stapled.example', '-tls1_3')).toBe('good')
      })

      it('with each certificate of a dual-stacked name its own', async () => {
        responder = await authority.startResponder()
        await bringLive('dual.example', { ocspStapling: 'on' }, true)
        for (const [algorithm, signatures] of [
          ['rsa', 'RSA-PSS+SHA256:RSA+SHA256'],
          ['id-ecPublicKey', 'ECDSA+SHA256'],
        ] as const) {
          expect(await stapled('dual.example', '-sigalgs', signatures)).toBe('good')
          expect(await algorithmSeen('dual.example', signatures)).toContain(algorithm)
        }
        await responder.stop()
      })

      it('not where stapling is off, and nothing fails where the responder is away', async () => {
        await bringLive('silent.example', { ocspStapling: 'on' })
        expect(await stapled('silent.example', '-tls1_3')).toBe(null)
        await bringLive('off.example', { ocspStapling: 'off' })
        expect(await stapled('off.example', '-tls1_3')).toBe(null)
      })
    })
  },
)
