import { Resolver } from 'node:dns/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { handshake } from '../support/edge-client.ts'

const NAME = 'www.every-address.example'

/** As in a container: what is bound is every address, and nobody can connect to that one from elsewhere. */
describe('an instance that is bound to every address', () => {
  let home = ''
  let instance: Instance | null = null
  afterEach(async () => {
    expect(await instance?.stop()).toBe(0)
    await removeHome(home)
  })

  it.each([
    ['on its own host, unless told otherwise', {}, '127.0.0.1'],
    ['where it is told that others find it', { CERTRAIL_ADVERTISED_HOSTS: '127.0.0.2' }, '127.0.0.2'],
  ])('proves names and edges %s', async (_, settings, advertised) => {
    home = await makeHome()
    instance = await startInstance(home, { CERTRAIL_HOST: '0.0.0.0', ...settings })
    const { client, ready } = instance
    const { change } = await createEnrollment(client, ready.contract, dvEnrollment(NAME))
    expect((await acknowledgeChallenges(client, change)).status).toBe(200)
    await followChange(client, change, ({ state }) => state === 'completed')
    const port = Number(ready.production.split(':').at(-1))
    expect(ready.production).toBe(`${advertised}:${port}`)
    const tls = await handshake({ host: advertised, port }, NAME)
    expect(tls.getPeerCertificate().subjectaltname).toBe(`DNS:${NAME}`)
    tls.destroy()
    const { body } = await client.call('GET', '/certrail/v1/edges')
    expect(body.edges.map(({ addresses }: { addresses: string[] }) => addresses)).toEqual(
      expect.arrayContaining([[ready.production], [ready.staging]]),
    )
    const resolver = new Resolver()
    // Over UDP an answer leaves from the address that the system prefers, which is this one.
    resolver.setServers([`127.0.0.1:${ready.dns.split(':').at(-1)}`])
    expect(await resolver.resolve4(`${NAME}.edgekey.net`)).toEqual([advertised])
  })
})
