import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProxiedAnswer } from '../support/acme-proxy.ts'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import {
  approveOrganization,
  endOfChange,
  hasPebble,
  type Live,
  productionOf,
  startLive,
} from '../support/live-instance.ts'
import { BARE, namesIn, STRANGE_ANSWERS, type StrangeAnswer } from '../support/strange-certificates.ts'

const KINDS = Object.keys(STRANGE_ANSWERS) as StrangeAnswer[]
const nameOf = (kind: string): string => `${kind}.strange.example`

const PROFILE = 'shortlived'

/** By the name in the certificate: it says which misbehaviour is its own. */
function tamper(answer: ProxiedAnswer): Partial<ProxiedAnswer> | undefined {
  const { path, body, status } = answer
  if (path === '/dir') return withProfiles(answer)
  if (/order/.test(path)) return withProfile(answer)
  if (!path.startsWith('/certZ/') || status !== 200) return undefined
  const chain = body.toString()
  if (namesIn(chain).includes(nameOf('bare'))) return { body: Buffer.from(BARE.answer(chain)) }
  const kind = KINDS.find((one) => namesIn(chain).includes(nameOf(one)))
  return kind === undefined ? undefined : { body: Buffer.from(STRANGE_ANSWERS[kind].answer(chain)) }
}

/** What a newer server says by itself. */
function withProfiles({ body }: ProxiedAnswer): Partial<ProxiedAnswer> {
  const directory = JSON.parse(body.toString())
  const meta = { ...directory.meta, profiles: { [PROFILE]: 'six days' } }
  return { body: Buffer.from(JSON.stringify({ ...directory, meta })) }
}

function withProfile({ body, status }: ProxiedAnswer): Partial<ProxiedAnswer> | undefined {
  const order = status < 300 ? JSON.parse(body.toString()) : {}
  if (!Array.isArray(order.identifiers)) return undefined
  const [{ value }] = order.identifiers
  const isOther =
    value === nameOf('other-profile') || (value === nameOf('late-profile') && order.status === 'valid')
  return { body: Buffer.from(JSON.stringify({ ...order, profile: isOther ? 'classic' : PROFILE })) }
}

describe.skipIf(!hasPebble)(
  'a CA that answers with something else than was asked for (skipped when the program pebble is missing)',
  () => {
    let live: Live
    const created = new Map<string, Awaited<ReturnType<typeof createEnrollment>>>()
    beforeAll(async () => {
      live = await startLive({
        prepare: async ({ home, pebble, proxy }) => {
          await writeFile(`${home}/roots.pem`, `${await pebble.rootPem()}\n${BARE.rootPem}`)
          const account = { name: 'strange', directory: proxy.directoryUrl, validationTypes: ['dv'] }
          const authorities = [
            { ...account, profile: PROFILE, roots: ['roots.pem'] },
            { ...account, name: 'unoffered', validationTypes: ['ov'], profile: 'nowhere' },
          ]
          await writeFile(`${home}/certrail.config.json`, JSON.stringify({ authorities }))
          proxy.tamper(tamper)
          // The account's own roots come first.
          return { CERTRAIL_AUTHORITY_ROOTS: 'any' }
        },
      })
      const { client, ready } = live.instance()
      for (const kind of [...KINDS, 'honest', 'bare', 'other-profile', 'late-profile'])
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

    it.each(['other-profile', 'late-profile'])(
      'is refused when the profile is another one: %s',
      async (kind) => {
        const { enrollment = '', change = '' } = created.get(kind) ?? {}
        const end = await endOfChange(live, change)
        expect(end).toMatchObject({ state: 'error' })
        expect(JSON.stringify(end.error)).toContain(
          'another profile than asked for: \\"classic\\" instead of \\"shortlived\\"',
        )
        expect(await productionOf(live, enrollment)).toBeNull()
      },
    )

    it('is not asked for a profile that it does not offer', async () => {
      const { client, ready } = live.instance()
      const settings = dvEnrollment(nameOf('unoffered'), [], { validationType: 'ov', ra: 'symantec' })
      const { change } = await createEnrollment(client, ready.contract, settings)
      await approveOrganization(live, change)
      const end = await endOfChange(live, change)
      expect(JSON.stringify(end.error)).toContain('offers no profile \\"nowhere\\". It offers: shortlived.')
      expect(live.pebble.log()).not.toContain(nameOf('unoffered'))
    })

    it('is taken at its word where it says little: no common name, purpose, policy, responder or list', async () => {
      const { enrollment = '', change = '' } = created.get('bare') ?? {}
      expect(await endOfChange(live, change)).toMatchObject({ status: 'complete' })
      const served = new X509Certificate((await productionOf(live, enrollment))?.certificate ?? '')
      expect([served.subject, served.infoAccess, served.keyUsage]).toEqual([undefined, undefined, undefined])
      expect(namesIn(served.toString())).toEqual([nameOf('bare')])
    })

    it('is nothing that stops the honest answers beside it', async () => {
      const { enrollment = '', change = '' } = created.get('honest') ?? {}
      expect(await endOfChange(live, change)).toMatchObject({ status: 'complete' })
      expect(namesIn((await productionOf(live, enrollment))?.certificate ?? '')).toEqual([nameOf('honest')])
    })
  },
)
