import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  type Created,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, productionOf, startLive } from '../support/live-instance.ts'
import { namesIn } from '../support/strange-certificates.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
describe.skipIf(!hasPebble)(
  'enrollments at a CA that refuses every second nonce and uses proofs again (skipped when the program pebble is missing)',
  () => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({ nonceReject: 50, authorizationReuse: 100, alternateRoots: 1 })
    })
    afterAll(() => live?.close())

    const begin = (names: readonly string[], csr: object = {}): Promise<Created> => {
      const { client, ready } = live.instance()
      const body = dvEnrollment(names[0] ?? '', names.slice(1))
      return createEnrollment(client, ready.contract, { ...body, csr: { ...body.csr, ...csr } })
    }
    const put = async ({ enrollment }: Created, names: readonly string[], query = ''): Promise<string> => {
      const answer = await live.instance().client.call('PUT', `${enrollment}${query}`, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment(names[0] ?? '', names.slice(1)),
      })
      expect(answer.status, answer.text).toBe(202)
      return answer.body.changes[0]
    }
    const complete = async (change: string): Promise<void> =>
      expect(await endOfChange(live, change), live.instance().output().slice(-4_000)).toMatchObject({
        status: 'complete',
      })
    const served = async ({ enrollment }: Created) => {
      const shown = await productionOf(live, enrollment)
      return { ...shown, names: namesIn(shown?.certificate ?? '').toSorted() }
    }
    const looks = (): number => live.pebble.log().match(/Pulled a task from the Tasks queue/g)?.length ?? 0

    it('proves an apex and its wildcard together, and serves the chain that was wished for', async () => {
      const other = new X509Certificate(await live.pebble.rootPem(1))
      const preferredTrustChain = other.subject.replace('CN=', '').toLowerCase().replaceAll(' ', '-')
      const created = await begin(['*.both.example', 'both.example'], { preferredTrustChain })
      await complete(created.change)
      const { names, trustChain = '' } = await served(created)
      expect(names).toEqual(['*.both.example', 'both.example'])
      expect(new X509Certificate(trustChain).verify(other.publicKey)).toBe(true)
    })

    it('adds a name and renews without a second proof of what was proven', async () => {
      const created = await begin(['grows.example'])
      await complete(created.change)
      const before = looks()
      const names = ['grows.example', 'new.grows.example']
      await complete(await put(created, names))
      expect(looks() - before).toBe(1)
      const first = await served(created)
      expect(first.names).toEqual(names)
      await complete(await put(created, names, '?force-renewal=true'))
      expect(looks() - before).toBe(1)
      const second = await served(created)
      expect(second.names).toEqual(names)
      expect(second.certificate).not.toBe(first.certificate)
    })

    it('gives one of three names a new token when the CA refused it, and keeps the two others', async () => {
      await complete((await begin(['one.three.example', 'two.three.example'])).change)
      await live.way.block()
      const names = ['three.three.example', 'one.three.example', 'two.three.example']
      const { change } = await begin(names)
      const { client } = live.instance()
      const shown = async () => {
        const answer = await client.call('GET', `${change}/input/info/lets-encrypt-challenges`, {
          accept: cps('dv-challenges.v2'),
        })
        return answer.status === 200 ? answer.body.dv : []
      }
      const errorOf = (dv: { domain: string; error: string | null }[]) =>
        dv.find(({ domain }) => domain === 'three.three.example')?.error
      await followChange(client, change, ({ state }) => state === 'awaiting-input')
      const tokens = new Set<string>()
      for (let look = 0; look < 40 && tokens.size < 2; look += 1) {
        for (const { domain, challenges } of await shown())
          if (domain === 'three.three.example') tokens.add(challenges[0].token)
        await readChange(client, change, 1)
      }
      expect([...tokens], JSON.stringify(errorOf(await shown()))).toHaveLength(2)
      await live.way.unblock()
      await acknowledgeChallenges(client, change)
      await complete(change)
    })
  },
)
