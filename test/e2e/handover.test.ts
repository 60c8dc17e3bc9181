import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { watchProduction } from '../support/watch-production.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const NETWORKS = ['staging', 'production'] as const

/** Names are released with their enrollment, and go over to another one of the account that serves them (design: who owns a name). */
describe('a name that two enrollments serve', () => {
  let home: string
  let instance: Instance
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  async function live(cn: string, sans: readonly string[] = []): Promise<string> {
    const { client, ready } = instance
    const { enrollment, change } = await createEnrollment(client, ready.contract, dvEnrollment(cn, sans))
    await followChange(client, change, ({ state }) => state === 'awaiting-input')
    await acknowledgeChallenges(client, change)
    const { body } = await followChange(client, change, ({ state }) => state !== 'running')
    expect(body.statusInfo).toMatchObject({ status: 'complete', error: null })
    return enrollment
  }

  async function remove(enrollment: string): Promise<void> {
    const { client } = instance
    const removed = await client.call('DELETE', enrollment, { accept: cps('enrollment-status.v1') })
    expect(removed.status).toBe(202)
    const gone = async () => (await client.call('GET', enrollment, { accept: cps('enrollment.v11') })).status
    await expect.poll(gone, { timeout: 20_000 }).toBe(404)
  }

  /** Four clients for each network, who ask as fast as they are answered. */
  const watchAll = (name: string) => {
    const watches = NETWORKS.flatMap((network) =>
      Array.from({ length: 4 }, () => watchProduction(instance.ready[network], name, 0)),
    )
    return async () => new Set((await Promise.all(watches.map((watch) => watch.end()))).map(String))
  }

  it.each([
    ['by its name', 'www.heir.example', 'www.heir.example'],
    ['by a wildcard', '*.wild.example', 'www.wild.example'],
  ])(
    'goes over to the other one, %s, when its enrollment is removed, without a moment unserved',
    async (_how, heir, name) => {
      await live(heir)
      const before = await servedFingerprint(instance.ready.production, name)
      const owner = await live(`owner.${name.slice(4)}`, [name])
      const owned = await servedFingerprint(instance.ready.production, name)
      expect(owned).not.toBe(before)

      const end = watchAll(name)
      await remove(owner)
      // Each client has seen the one, then the other, and nothing between.
      await expect.poll(() => servedFingerprint(instance.ready.production, name)).toBe(before)
      await expect.poll(() => servedFingerprint(instance.ready.staging, name)).toBe(before)
      expect(await end()).toEqual(new Set([`${owned},${before}`]))
      expect(await servedFingerprint(instance.ready.production, `owner.${name.slice(4)}`)).toBe(
        heir.startsWith('*') ? before : null,
      )
    },
  )

  it('stays with the one that serves it when the other is removed', async () => {
    const name = 'www.stays.example'
    const first = await live(name)
    await live('owner.stays.example', [name])
    const owned = await servedFingerprint(instance.ready.production, name)
    const end = watchAll(name)
    await remove(first)
    expect(await end()).toEqual(new Set([owned]))
    expect(await servedFingerprint(instance.ready.staging, name)).toBe(owned)
  })
})
