import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createEnrollment, followChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import {
  acknowledgeChangeManagement,
  readChangeManagement,
  readSigningRequests,
  servedFingerprint,
  thirdPartyEnrollment,
  uploadTo,
} from '../support/third-party.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const NAME = 'crash.outside.example'

const FAILPOINTS = [
  'before:verify-third-party-cert',
  'after:verify-third-party-cert',
  'before:freeze-content',
  'after:freeze-content',
  'before:deploy-cert-to-production',
  'after:deploy-cert-to-production',
] as const

interface Driven {
  readonly change: string
  readonly certificate: string
}

describe.skipIf(!hasOpenssl)(
  'kill -9 on the way of an upload to production (skipped when the program openssl is missing)',
  () => {
    let home: string
    let database: TestDatabase
    let authority: OutsideAuthority

    beforeAll(async () => {
      authority = await makeOutsideAuthority()
    })
    afterAll(() => authority.close())
    beforeEach(async () => {
      home = await makeHome()
      database = await createTestDatabase()
    })
    afterEach(async () => {
      await database.drop()
      await removeHome(home)
    })

    async function prepare({ client, ready }: Instance): Promise<Driven> {
      const { change } = await createEnrollment(client, ready.contract, thirdPartyEnrollment(NAME))
      await followChange(client, change, ({ status }) => status === 'wait-upload-third-party')
      const requests = (await readSigningRequests(client, change)).body.csrs
      return { change, certificate: await authority.sign(requests[0].csr) }
    }

    const upload = ({ client }: Instance, { change, certificate }: Driven) =>
      uploadTo(client, change, [{ keyAlgorithm: 'RSA', certificate, trustChain: authority.intermediatePem }])

    /** The request that meets the kill fails, as a client would see it. */
    async function driveUntilKilled(instance: Instance): Promise<Driven> {
      const driven = await prepare(instance)
      try {
        await upload(instance, driven)
        await followChange(
          instance.client,
          driven.change,
          ({ status }) => status === 'wait-ack-change-management',
        )
        await acknowledgeChangeManagement(instance.client, driven.change)
        await followChange(instance.client, driven.change, ({ state }) => state === 'completed')
      } catch {
        // Killed on the way.
      }
      await instance.exited
      return driven
    }

    /** What a person would do who comes back: look, and do what is asked for. */
    async function finish({ client }: Instance, { change }: Driven): Promise<void> {
      const resting = await followChange(
        client,
        change,
        ({ state, status }) =>
          state === 'completed' || state === 'error' || status === 'wait-ack-change-management',
      )
      if (resting.body.statusInfo.status === 'wait-ack-change-management') {
        const { body } = await readChangeManagement(client, change)
        expect((await acknowledgeChangeManagement(client, change, body.validationResultHash)).status).toBe(
          200,
        )
      }
      const ended = await followChange(
        client,
        change,
        ({ state }) => state === 'completed' || state === 'error',
      )
      expect(ended.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete', error: null })
    }

    const countRows = async (table: string): Promise<number> => {
      const { rows } = await database.pool.query<{ count: string }>(`select count(*) from ${table}`)
      return Number(rows[0]?.count)
    }

    it.each(FAILPOINTS)(
      '%s: fires once, and after a restart the upload ends in production',
      async (failpoint) => {
        const env = { CERTRAIL_FAILPOINT: failpoint, DATABASE_URL: database.url }
        const killed = await startInstance(home, env)
        const driven = await driveUntilKilled(killed)
        expect((await killed.exited).signal).toBe('SIGKILL')
        expect(killed.output()).toContain('failpoint fired')

        const restarted = await startInstance(home, env)
        try {
          await finish(restarted, driven)
          const wanted = new X509Certificate(driven.certificate).fingerprint256
          for (const address of [restarted.ready.staging, restarted.ready.production]) {
            expect(await servedFingerprint(address, NAME)).toBe(wanted)
          }
          for (const table of ['changes', 'certificates', 'key_pairs', 'frozen_contents']) {
            expect([table, await countRows(table)]).toEqual([table, 1])
          }
        } finally {
          expect(await restarted.stop()).toBe(0)
        }
      },
    )
  },
)
