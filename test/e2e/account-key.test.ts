import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, startLive } from '../support/live-instance.ts'

interface Authority {
  readonly name: string
  readonly account: string | null
  readonly keyChanging: boolean
}

describe.skipIf(!hasPebble)(
  'another key for the account at the CA (skipped when the program pebble is missing)',
  () => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({ nonceReject: 0 })
    })
    afterAll(() => live?.close())

    const enroll = async (cn: string) => {
      const { client, ready } = live.instance()
      return createEnrollment(client, ready.contract, dvEnrollment(cn))
    }
    const completes = async (cn: string): Promise<void> =>
      expect(await endOfChange(live, (await enroll(cn)).change)).toMatchObject({ status: 'complete' })
    const authority = async (): Promise<Authority> =>
      (await live.instance().client.call('GET', '/certrail/v1/authorities')).body.authorities[0]
    const roll = (body: object = {}) =>
      live.instance().client.call('POST', '/certrail/v1/authorities/lets-encrypt/key-rollover', { body })
    const failedSignatures = (): number => live.pebble.log().match(/JWS verification error/g)?.length ?? 0

    it('is asked for by API and command line, and the account stays the same', async () => {
      await completes('first.account-key.example')
      const { account } = await authority()
      expect(account).toContain('https://')
      const answer = await roll()
      expect([answer.status, answer.body]).toMatchObject([200, { account, keyChanging: false }])
      const run = await runCommandLine(['authorities', '--roll-key', 'lets-encrypt'], {
        home: live.instance().home,
      })
      expect([run.exitCode, run.stdout]).toEqual([
        0,
        'The account lets-encrypt has another key; the old one is destroyed.\n',
      ])
      await completes('second.account-key.example')
      expect(await authority()).toMatchObject({ account })
      expect(failedSignatures()).toBe(0)
      const unknown = '/certrail/v1/authorities/nobody/key-rollover'
      expect((await live.instance().client.call('POST', unknown, { body: {} })).status).toBe(404)
    })

    it('is refused while names of its orders are being validated, unless forced', async () => {
      live.proxy.tamper(({ path }) => (path.startsWith('/chalZ/') ? null : undefined))
      const { change } = await enroll('open.account-key.example')
      await followChange(
        live.instance().client,
        change,
        ({ status, state }) => status === 'coodinate-domain-validation' && state !== 'running',
      )
      const refused = await roll()
      expect([refused.status, refused.body.title]).toEqual([409, 'Orders are open'])
      expect(refused.body.detail).toContain('1 orders of the account "lets-encrypt"')
      expect((await roll({ force: true })).status).toBe(200)
      live.proxy.tamper(null)
      await live.instance().client.call('DELETE', change)
    })

    it('is known after a kill before its answer was heard', async () => {
      const { account } = await authority()
      const restarts: Promise<unknown>[] = []
      const killed = new Promise<void>((resolve) => {
        live.proxy.tamper(async ({ path }) => {
          if (!path.includes('rollover') || restarts.length > 0) return undefined
          await live.instance().kill()
          restarts.push(live.restart())
          resolve()
          return null
        })
      })
      const [asked] = await Promise.allSettled([roll(), killed])
      expect(asked.status).toBe('rejected')
      await Promise.all(restarts)
      expect(await authority()).toMatchObject({ account, keyChanging: true })
      await completes('third.account-key.example')
      expect(await authority()).toMatchObject({ account, keyChanging: false })
    })
  },
)
