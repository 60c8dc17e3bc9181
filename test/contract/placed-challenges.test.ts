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

let running: InProcess
beforeAll(async () => {
  running = await startInProcess({ validation: POLICY })
})
afterAll(() => running.close())

describe('a challenge that is written into a zone of ours', () => {
  it('is looked for at once, without an acknowledgement', async () => {
    const { useCases, caller } = running
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
    await place('wrong')
    let open = await useCases.getChallenges(caller, ref)
    for (let look = 0; look < 60 && open[0]?.status !== 'failed-look'; look += 1) {
      await useCases.waitForChange(caller, ref, 1, never)
      open = await useCases.getChallenges(caller, ref)
    }
    expect(open[0]?.error).toContain('"wrong"')
    await place(dnsChallengeValue(name?.challenges[0]?.keyAuthorization ?? ''))
    const isOver = (state: string) => state === 'completed' || state === 'error'
    expect(await follow(isOver)).toMatchObject({ state: 'completed', error: null })
  })
})
