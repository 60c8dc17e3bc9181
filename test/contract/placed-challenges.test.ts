import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { HOUR } from '../../src/domain/time.ts'
import type { ValidationPolicy } from '../../src/domain/validation/policy.ts'
import { dnsChallengeValue } from '../../src/validation/dns-look.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

/** Nothing but an acknowledgement or an hour would let a change go on. */
const POLICY: ValidationPolicy = {
  triggers: ['acknowledgement', 'dwell'],
  publishes: 'on-trigger',
  dwellMs: HOUR,
  preflight: { default: 'advise', accounts: new Map() },
}
const ZONE = 'placed.example'
const never = new AbortController().signal

const isOver = (state: string) => state === 'completed' || state === 'error'

/** A zone, and a change that rests at domain validation of a name in it. */
async function begin({ useCases, caller }: InProcess) {
  const contract = contractId('1-SANDBOX')
  const settings = { comment: '', endCustomerId: '', signAndServe: false, signAndServeAlgorithm: null }
  await useCases.createZone(caller, { name: ZONE, contractId: contract, settings })
  const ref = await useCases.createEnrollment(caller, {
    contractId: contract,
    settings: dvSettings(`*.${ZONE}`),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  const follow = async (isThere: (state: string) => boolean) => {
    let change = await useCases.getChange(caller, ref)
    for (let look = 0; look < 60 && !isThere(change.state); look += 1)
      change = await useCases.waitForChange(caller, ref, 1, never)
    return change
  }
  expect((await follow((state) => state === 'awaiting-input')).status).toBe('coordinate-domain-validation')
  const [name] = await useCases.getChallenges(caller, ref)
  const place = (value: string) => {
    const set = { name: `_acme-challenge.${ZONE}`, type: 'TXT', ttlSeconds: 5, data: [value] } as const
    return value === 'wrong'
      ? useCases.createRecordSets(caller, ZONE, [set])
      : useCases.updateRecordSet(caller, ZONE, set)
  }
  return { ref, follow, name, place }
}

describe('a challenge that is written into a zone of ours', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({ validation: POLICY })
  })
  afterAll(() => running.close())

  it('is looked for at once, without an acknowledgement', async () => {
    const { useCases, caller } = running
    const { ref, follow, name, place } = await begin(running)
    await place('wrong')
    let open = await useCases.getChallenges(caller, ref)
    for (let look = 0; look < 60 && open[0]?.status !== 'failed-look'; look += 1) {
      await useCases.waitForChange(caller, ref, 1, never)
      open = await useCases.getChallenges(caller, ref)
    }
    expect(open[0]?.error).toContain('"wrong"')
    await place(dnsChallengeValue(name?.challenges[0]?.keyAuthorization ?? ''))
    expect(await follow(isOver)).toMatchObject({ state: 'completed', error: null })
  })
})

describe('where values are looked for when somebody acknowledges them', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({
      validation: { ...POLICY, triggers: ['acknowledgement'], publishes: 'never' },
    })
  })
  afterAll(() => running.close())

  it('a right value alone moves nothing, an acknowledgement alone neither, and both together do', async () => {
    const { useCases, caller } = running
    const { ref, follow, name, place } = await begin(running)
    await place('wrong')
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    expect((await useCases.getChallenges(caller, ref))[0]?.error).toContain('"wrong"')
    await place(dnsChallengeValue(name?.challenges[0]?.keyAuthorization ?? ''))
    const { waitsFor } = await useCases.explain(caller, ref)
    expect(waitsFor).toMatch(/^The acknowledgement .* looked for where they belong\.$/)
    const waiting = await useCases.waitForChange(caller, ref, 2, never)
    expect(waiting).toMatchObject({ status: 'coordinate-domain-validation', state: 'awaiting-input' })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    expect(await follow(isOver)).toMatchObject({ state: 'completed', error: null })
  })
})
