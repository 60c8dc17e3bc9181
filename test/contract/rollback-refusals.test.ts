import { beforeEach, describe, expect, it } from 'vitest'
import type { EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, MINUTE, SECOND, toWireTime } from '../../src/domain/time.ts'
import { type CalmWorld, createCalmWorld } from '../support/simulation/calm-world.ts'

/** Over the store in memory: what is refused has to leave all of it as it was. */
describe('a rollback', () => {
  let calm: CalmWorld
  beforeEach(() => {
    calm = createCalmWorld()
  })

  const roll = (id: EnrollmentId, generation: number | null = null, reason = '') =>
    calm.world.useCases.rollBack(calm.world.caller, id, { generation, reason })
  const pin = (id: EnrollmentId, generation: number | null = null) =>
    calm.world.useCases.pinGeneration(calm.world.caller, id, { generation, reason: '' })
  const generations = (id: EnrollmentId) => calm.world.useCases.generations(calm.world.caller, id)
  const told = (id: EnrollmentId, occasion: string) =>
    [...calm.world.store.tables.notices.values()].filter(
      (notice) => notice.enrollmentId === id && notice.occasion === occasion,
    )
  const served = (name: string) => calm.world.edges.served('production', name)?.certificates[0]?.serialNumber
  const serialOf = async (id: EnrollmentId, generation: number) => {
    const found = (await generations(id)).generations.find(({ number }) => number === generation)
    return found?.certificates[0]?.serialNumber
  }
  const first = async (id: EnrollmentId) => {
    const found = (await generations(id)).generations.find(({ number }) => number === 1)
    const [certificate] = found?.certificates ?? []
    if (found === undefined || certificate === undefined) throw new Error('nothing was proven')
    return { changeId: found.changeId, certificate }
  }

  async function renewedOnce(cn: string, sans: readonly string[] = []): Promise<EnrollmentId> {
    const id = await calm.enroll(cn, sans)
    await calm.renew(id, [])
    expect((await generations(id)).live).toBe(2)
    return id
  }

  async function expectRefused(
    act: () => Promise<unknown>,
    refusal: { readonly code: string; readonly message: RegExp },
  ): Promise<void> {
    const before = calm.everything()
    const error = await act().then(
      () => null,
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ code: refusal.code, message: expect.stringMatching(refusal.message) })
    expect(calm.everything()).toBe(before)
  }

  const REPORT = { everywhere: false, note: null, reportedBy: 'somebody' }
  const SPOILT: readonly (readonly [
    what: string,
    spoil: (id: EnrollmentId) => Promise<unknown>,
    message: (id: EnrollmentId) => Promise<RegExp>,
  ])[] = [
    [
      'has expired',
      async () => calm.pass(91 * DAY),
      async (id) => {
        const { certificate } = await first(id)
        return new RegExp(
          `serial ${certificate.serialNumber} expired at ${toWireTime(certificate.notAfter)}\\.`,
        )
      },
    ],
    [
      'should have been replaced by now',
      async () => calm.pass(88 * DAY),
      async () => /^Generation 1 may not be served again: it should have been replaced by 20/,
    ],
    [
      'was revoked',
      async (id) => {
        const { certificate } = await first(id)
        await calm.world.store.read.certificates.noteRevoked(certificate.id, calm.world.now())
      },
      async (id) => new RegExp(`serial ${(await first(id)).certificate.serialNumber} was revoked\\.$`),
    ],
    [
      'has a key that was reported as compromised',
      async (id) => {
        const { changeId } = await first(id)
        const [pair] = await calm.world.store.read.certificates.keyPairsOf(changeId)
        await calm.world.store.read.reportedKeys.add({
          ...REPORT,
          accountId: calm.world.caller.accountId,
          fingerprint: calm.world.deps.certificates.signingRequestKeyFingerprint(
            pair?.signingRequestPem ?? '',
          ),
          reportedAt: calm.world.now(),
        })
      },
      async () => /has a key that was reported as compromised\.$/,
    ],
    [
      'has lost its key',
      async (id) =>
        calm.world.store.read.certificates.destroyKeys((await first(id)).changeId, calm.world.now()),
      async () => /has no private key any more\.$/,
    ],
  ]

  it.each(SPOILT)('is refused to a generation that %s', async (_what, spoil, message) => {
    const id = await renewedOnce('a.example')
    await spoil(id)
    const refusal = { code: 'cannot-return', message: await message(id) }
    await expectRefused(() => roll(id, 1), refusal)
    expect((await generations(id)).generations.at(-1)?.obstacles).not.toEqual([])
  })

  it('is refused while a change is on its way to production, which names that change', async () => {
    const id = await renewedOnce('a.example')
    calm.breakEdge(true)
    const { changeId } = await calm.renew(id)
    expect(calm.open(id)).toMatchObject({ status: 'deploy-cert-to-production', state: 'error' })
    const refusal = {
      code: 'cannot-return',
      message: new RegExp(
        `^Change ${changeId} is on its way to production, .*wait for it or cancel it first`,
      ),
    }
    await expectRefused(() => roll(id), refusal)
    await expectRefused(() => roll(id, 1), refusal)
  })

  it('is refused once a removal has begun', async () => {
    const { useCases, caller } = calm.world
    const id = await renewedOnce('a.example')
    await useCases.pauseDeployments(caller, { of: id, network: null, reason: '' })
    await useCases.removeEnrollment(caller, id, {
      schedule: { notBefore: null, notAfter: null },
      allowCancelPendingChanges: false,
    })
    const refusal = { code: 'cannot-return', message: /takes the enrollment away/ }
    await expectRefused(() => roll(id), refusal)
  })

  it('is refused where another enrollment answers a name of the generation by now, which it names', async () => {
    const id = await renewedOnce('a.example', ['b.example'])
    const other = await calm.enroll('b.example')
    expect((await generations(other)).live).toBe(1)
    const before = served('b.example')
    const message = /^Generation 1 would take names that others answer now: b\.example\.$/
    await expectRefused(() => roll(id), { code: 'cannot-return', message })
    expect(served('b.example')).toBe(before)
  })

  it('is refused to what production never served, by its field', async () => {
    const id = await renewedOnce('a.example')
    const before = calm.everything()
    for (const act of [roll, pin])
      await expect(act(id, 3)).rejects.toMatchObject({
        code: 'validation-error',
        errors: [{ field: '/generation', detail: 'production never served a generation 3' }],
      })
    expect(calm.everything()).toBe(before)
  })

  it('is refused where there is nothing before what is live, or nothing live', async () => {
    const id = await calm.enroll('a.example')
    await expectRefused(() => roll(id), { code: 'cannot-return', message: /no other generation before/ })
    calm.breakEdge(true)
    const dark = await calm.enroll('dark.example')
    await expectRefused(() => roll(dark), { code: 'cannot-return', message: /no other generation before/ })
    await expectRefused(() => pin(dark), { code: 'cannot-return', message: /serves nothing of it yet/ })
  })

  it('is not what a pin does: another generation than the live one is refused, with the command that goes there', async () => {
    const id = await renewedOnce('a.example')
    const message = new RegExp(`certrail rollback ${id} --generation 1`)
    await expectRefused(() => pin(id, 1), { code: 'cannot-return', message })
  })

  it('that an edge does not show leaves everybody with the newer one, is told once with the evidence, and is tried again until it is served', async () => {
    const id = await renewedOnce('a.example')
    const [older, newer] = [await serialOf(id, 1), await serialOf(id, 2)]
    expect(served('a.example')).toBe(newer)
    calm.breakEdge(true)
    await roll(id, null, 'a client broke')
    await calm.pass(MINUTE)
    expect(served('a.example')).toBe(newer)
    expect(await generations(id)).toMatchObject({ live: 2, pin: { generation: 1, reason: 'a client broke' } })
    expect(told(id, 'failure').map(({ text }) => text)).toEqual([
      expect.stringMatching(/has not gone back yet, and serves what it served\. It is on fire\. .*unpinned/),
    ])
    calm.breakEdge(false)
    await calm.pass(30 * SECOND)
    expect(served('a.example')).toBe(older)
    expect((await generations(id)).live).toBe(1)
    expect(told(id, 'failure')).toHaveLength(1)
  })

  it('that is unpinned before an edge shows it is over', async () => {
    const id = await renewedOnce('a.example')
    const newer = served('a.example')
    calm.breakEdge(true)
    await roll(id)
    await calm.pass(MINUTE)
    await calm.world.useCases.unpinGeneration(calm.world.caller, id)
    calm.breakEdge(false)
    await calm.pass(MINUTE)
    expect(served('a.example')).toBe(newer)
    expect(await generations(id)).toMatchObject({ live: 2, pin: null })
  })

  it('that cannot be carried out any more when the edge is back is given up, unpinned and told', async () => {
    const id = await renewedOnce('a.example')
    const newer = served('a.example')
    calm.breakEdge(true)
    await roll(id)
    await calm.pass(MINUTE)
    await calm.world.store.read.certificates.noteRevoked((await first(id)).certificate.id, calm.world.now())
    calm.breakEdge(false)
    await calm.pass(MINUTE)
    expect(served('a.example')).toBe(newer)
    expect(await generations(id)).toMatchObject({ live: 2, pin: null })
    expect(told(id, 'failure').at(-1)?.text).toMatch(/did not go back, and is pinned no more: .* was revoked/)
  })

  it('is carried out in spite of a pause, which goes on, as the pin does when the pause ends', async () => {
    const { useCases, caller } = calm.world
    const id = await renewedOnce('a.example')
    const older = await serialOf(id, 1)
    const pause = { of: id, network: 'production' as const, reason: 'an incident' }
    await useCases.pauseDeployments(caller, pause)
    await roll(id)
    await calm.pass(SECOND)
    expect(served('a.example')).toBe(older)
    expect(await generations(id)).toMatchObject({ live: 1, pin: { generation: 1 } })
    const { changeId } = await calm.renew(id)
    await useCases.resumeDeployments(caller, pause)
    await calm.pass(MINUTE)
    expect(served('a.example')).toBe(older)
    expect(calm.open(id)).toMatchObject({ id: changeId, status: 'wait-deployment-schedule' })
    await useCases.unpinGeneration(caller, id)
    await calm.pass(MINUTE)
    expect((await generations(id)).live).toBe(3)
    expect(served('a.example')).toBe(await serialOf(id, 3))
  })

  it.each([
    ['for a window', { changeManagement: false }, 'wait-deployment-schedule'],
    ['for its acknowledgement', { changeManagement: true }, 'wait-ack-change-management'],
  ] as const)(
    'ends sooner what it goes back to: a renewal that waits %s goes at the last safe moment of that, not of what was live',
    async (_what, settings, status) => {
      const { useCases, caller } = calm.world
      // Half an hour after the last safe moment of the older one, and weeks before that of the newer one.
      const windows = [{ cron: '30 23 24 3 *', timeZone: 'UTC', durationMinutes: 60 }]
      const id = await calm.enroll('a.example', [], settings)
      if (settings.changeManagement) await calm.acknowledge(id)
      await calm.pass(20 * DAY)
      await calm.renew(id)
      if (settings.changeManagement) await calm.acknowledge(id)
      const { autoRenewalStartTime: begins } = await useCases.getEnrollment(caller, id)
      await calm.pass((begins ?? 0) - calm.world.now() + 10 * SECOND)
      // While its names are validated: so it has begun, and has to wait.
      await useCases.setMaintenance(caller, { windows, freezes: [] })
      await calm.pass(MINUTE)
      expect(calm.open(id)).toMatchObject({ status, action: 'renewal' })
      await roll(id)
      await calm.pass(MINUTE)
      const { live, pin: pinned, generations: known } = await generations(id)
      const older = known.find(({ number }) => number === 1)
      expect([live, pinned?.givesWayAt]).toEqual([1, older?.lastSafe])
      await calm.pass((older?.lastSafe ?? 0) - calm.world.now() + MINUTE)
      expect(await generations(id)).toMatchObject({ live: 3, pin: null })
      expect(told(id, 'pin-ended')).toHaveLength(1)
    },
  )
})
