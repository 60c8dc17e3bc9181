import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProxiedAnswer } from '../support/acme-proxy.ts'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, productionOf, startLive } from '../support/live-instance.ts'
import { namesIn, STRANGE_ANSWERS, type StrangeAnswer } from '../support/strange-certificates.ts'

const KINDS = Object.keys(STRANGE_ANSWERS) as StrangeAnswer[]
const nameOf = (kind: string): string => `${kind}.strange.example`

/** By the name in the certificate: it says which misbehaviour is its own. */
function tamper({ path, body, status }: ProxiedAnswer): Partial<ProxiedAnswer> | undefined {
  if (!path.startsWith('/certZ/') || status !== 200) return undefined
  const chain = body.toString()
  const kind = KINDS.find((one) => namesIn(chain).includes(nameOf(one)))
  return kind === undefined ? undefined : { body: Buffer.from(STRANGE_ANSWERS[kind].answer(chain)) }
}

describe.skipIf(!hasPebble)(
  'a CA that answers with something else than was asked for (skipped when the program pebble is missing)',
  () => {
    let live: Live
    const created = new Map<string, Awaited<ReturnType<typeof createEnrollment>>>()
    beforeAll(async () => {
      live = await startLive({
        prepare: async ({ home, pebble }) => {
          await writeFile(`${home}/roots.pem`, await pebble.rootPem())
          return { CERTRAIL_AUTHORITY_ROOTS: `${home}/roots.pem` }
        },
      })
      live.proxy.tamper(tamper)
      const { client, ready } = live.instance()
      for (const kind of [...KINDS, 'honest'])
        created.set(kind, await createEnrollment(client, ready.contract, dvEnrollment(nameOf(kind))))
    })
    afterAll(() => live?.close())

    it.each(KINDS)('is refused, deployed nowhere, and the change says why: %s', async (kind) => {
      const { enrollment = '', change = '' } = created.get(kind) ?? {}
      const end = await endOfChange(live, change)
      expect(end, live.instance().output()).toMatchObject({ status: 'check-for-cert-error', state: 'error' })
      expect(JSON.stringify(end.error)).toContain(STRANGE_ANSWERS[kind].says)
      expect(await productionOf(live, enrollment)).toBeNull()
    })

    it('is nothing that stops the honest answers beside it', async () => {
      const { enrollment = '', change = '' } = created.get('honest') ?? {}
      expect(await endOfChange(live, change)).toMatchObject({ status: 'complete' })
      expect(namesIn((await productionOf(live, enrollment))?.certificate ?? '')).toEqual([nameOf('honest')])
    })
  },
)
