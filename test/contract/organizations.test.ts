import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { DAY, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const NOTHING = { name: null, addressLineTwo: null, addressLineOne: null, phone: null, postalCode: null }
const ORGANIZATION = { ...NOTHING, name: 'Example Works', city: 'Springfield', region: 'Ohio', country: 'us' }
const NOBODY = { ...NOTHING, city: null, region: null, country: null }

/** What stands in the signing request's subject is left to the organisation. */
const vetted = (
  validationType: 'ov' | 'ev',
  cn: string,
  said: Pick<EnrollmentSettings, 'org' | 'orgId'>,
): EnrollmentSettings => {
  const settings = dvSettings(cn)
  return {
    ...settings,
    ...said,
    ra: 'symantec',
    validationType,
    csr: { ...settings.csr, c: null, o: null },
  }
}

describe('organizations that were checked', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({ vettingMs: null })
  })
  afterAll(() => running.close())

  const enroll = (settings: EnrollmentSettings) =>
    running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })

  it('are listed, need no check again, and say in the certificate what the request left out', async () => {
    const { useCases, caller, services } = running
    expect(await useCases.organizations(caller)).toEqual([])
    const first = await enroll(vetted('ov', 'ov.vetted.example', { org: ORGANIZATION, orgId: null }))
    await useCases.decideVetting(caller, first, { approve: true })
    const [known, ...others] = await useCases.organizations(caller)
    expect(known).toMatchObject({ organization: ORGANIZATION, isVetted: true })
    expect(others).toEqual([])

    const byId = vetted('ev', 'ev.vetted.example', { org: NOBODY, orgId: known?.id ?? null })
    const second = await enroll(byId)
    const status = async () => (await useCases.getChange(caller, second)).status
    await expect.poll(status, { timeout: 20_000 }).toBe('complete')
    const [record] = await services.deps.store.read.certificates.ofChange(second.changeId)
    const { subject } = new X509Certificate(record?.certificatePem ?? '')
    expect(subject.split('\n')).toEqual([
      'jurisdictionC=US',
      'businessCategory=Private Organization',
      expect.stringMatching(/^serialNumber=[0-9A-F]{10}$/),
      'C=US',
      'ST=Ohio',
      'L=Springfield',
      'O=Example Works',
      'CN=ev.vetted.example',
    ])
  })

  it('are those of the own account alone, and no other may name them', async () => {
    const { useCases, caller } = running
    const [known] = await useCases.organizations(caller)
    const account = await useCases.createAccount(caller, { name: 'Stranger', switchKey: null })
    const stranger = { ...caller, accountId: account.id }
    expect(await useCases.organizations(stranger)).toEqual([])
    const contract = await useCases.createContract(caller, account.id, 'S-CONTRACT')
    const refused = useCases.createEnrollment(stranger, {
      contractId: contract,
      settings: vetted('ov', 'www.stranger.example', { org: NOBODY, orgId: known?.id ?? null }),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await expect(refused).rejects.toMatchObject({ code: 'validation-error', errors: [{ field: '/orgId' }] })
  })

  it('are checked again once that is too long ago', async () => {
    const { useCases, caller, services } = running
    const [known] = await useCases.organizations(caller)
    await useCases.advanceClock(caller, { to: plus(services.deps.clocks.lifecycle.now(), 400 * DAY) })
    const again = await useCases.organizations(caller)
    expect(again).toEqual([{ ...known, isVetted: false }])
  })
})
