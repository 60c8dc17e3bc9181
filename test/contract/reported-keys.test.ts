import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { accountId, contractId } from '../../src/domain/identifiers.ts'
import { generateEcKey } from '../../src/pki/key-material.ts'
import { toPem } from '../../src/pki/pem.ts'
import { signingRequestPublicKey } from '../../src/pki/signing-request-reader.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'
import { testLeaf, testRoot } from '../support/test-certificates.ts'
import { thirdPartySettings } from '../support/third-party-settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }

describe('a key that was reported as compromised', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess()
  })
  afterAll(() => running.close())

  const read = () => running.services.deps.store.read
  const create = (settings: EnrollmentSettings): Promise<ChangeReference> =>
    running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
  const standing = async (ref: ChangeReference) => {
    const { status, state, error } = await running.useCases.getChange(running.caller, ref)
    return { status, state, code: error?.code ?? null }
  }
  const until = (ref: ChangeReference, expected: object) =>
    vi.waitFor(async () => expect(await standing(ref)).toMatchObject(expected), { timeout: 20_000 })
  const live = async (settings: EnrollmentSettings): Promise<ChangeReference> => {
    const ref = await create(settings)
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
    await until(ref, { state: 'completed' })
    return ref
  }
  const renewed = async ({ enrollmentId }: ChangeReference): Promise<ChangeReference> => {
    const changeId = await running.useCases.updateEnrollment(running.caller, enrollmentId, {
      settings: (before) => before,
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: true,
      allowMissingCertificateAddition: false,
    })
    if (changeId === null) throw new Error('nothing was renewed')
    const ref = { enrollmentId, changeId }
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge').catch(() => undefined)
    return ref
  }
  async function keyOf({ changeId }: ChangeReference): Promise<string> {
    const [pair] = await read().certificates.keyPairsOf(changeId)
    return createHash('sha256')
      .update(pair?.publicKey ?? '')
      .digest('hex')
  }
  const report = (fingerprint: string) =>
    running.useCases.reportKey(running.caller, { key: { fingerprint }, note: null })

  it('is told where it is in use, and is not kept by a renewal that would keep it', async () => {
    const first = await live(dvSettings('kept.reported.example', []))
    await running.useCases.setKeepKey(running.caller, first.enrollmentId, true)
    const second = await renewed(first)
    await until(second, { state: 'completed' })
    const key = await keyOf(first)
    expect(await keyOf(second)).toBe(key)
    const told = await report(key)
    expect(told).toMatchObject({ fingerprint: key, everywhere: true, usedBy: [first.enrollmentId] })
    const third = await renewed(first)
    await until(third, { state: 'completed' })
    expect(await keyOf(third)).not.toBe(key)
    expect((await report(key)).usedBy).toEqual([])
  })

  it('gets no certificate any more, until the report is withdrawn', async () => {
    const ref = await create(dvSettings('asked.reported.example', []))
    await until(ref, { status: 'coordinate-domain-validation', state: 'awaiting-input' })
    const key = await keyOf(ref)
    await report(key)
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
    await until(ref, { status: 'check-for-cert', state: 'error', code: 'key-reported' })
    expect(await read().certificates.ofChange(ref.changeId)).toEqual([])
    await running.useCases.withdrawKeyReport(running.caller, key)
    await expect(running.useCases.withdrawKeyReport(running.caller, key)).rejects.toMatchObject({
      code: 'not-found',
    })
    await running.useCases.advanceClock(running.caller, { by: 3_600_000 })
    await until(ref, { state: 'completed' })
  })

  it('takes no upload, and nothing of it is stored', async () => {
    const ref = await create(thirdPartySettings('upload.reported.example'))
    await until(ref, { status: 'wait-upload-third-party' })
    const [request] = await running.useCases.getSigningRequests(running.caller, ref)
    const at = running.services.deps.clocks.lifecycle.now()
    const root = testRoot({ cn: 'Root', at })
    const leaf = testLeaf(root, {
      cn: 'upload.reported.example',
      at,
      key: generateEcKey(),
      more: {
        dnsNames: ['upload.reported.example'],
        publicKey: signingRequestPublicKey(request?.pem ?? ''),
      },
    })
    const certificate = toPem('CERTIFICATE', leaf.der)
    await running.useCases.reportKey(running.caller, { key: { pem: request?.pem ?? '' }, note: 'a leak' })
    const sent = running.useCases.uploadCertificates(running.caller, ref, [
      { keyAlgorithm: 'RSA', certificate, trustChain: null },
    ])
    await expect(sent).rejects.toMatchObject({
      code: 'validation-error',
      errors: [
        {
          field: '/certificatesAndTrustChains/0/certificate',
          detail: expect.stringContaining('reported as compromised'),
        },
      ],
    })
    expect(await standing(ref)).toMatchObject({ status: 'wait-upload-third-party' })
  })

  it('is what a revocation for its sake reports by itself', async () => {
    const ref = await live(dvSettings('revoked.reported.example', []))
    const wish = { serialNumber: null, signedBy: 'account' as const }
    const { enrollmentId } = ref
    await running.useCases.revokeCertificate(running.caller, enrollmentId, { ...wish, reason: 'superseded' })
    const key = await keyOf(ref)
    const fingerprints = async () =>
      (await running.useCases.reportedKeys(running.caller)).map(({ fingerprint }) => fingerprint)
    expect(await fingerprints()).not.toContain(key)
    const { serialNumber } = await running.useCases.revokeCertificate(running.caller, enrollmentId, {
      ...wish,
      reason: 'key-compromise',
    })
    const [newest] = await running.useCases.reportedKeys(running.caller)
    expect(newest).toMatchObject({ fingerprint: key, note: `revoked with ${serialNumber}` })
  })

  it('is one for every account where those who run the installation said so, else for the account that said so', async () => {
    const other = accountId('A-OTHER')
    const { accounts, reportedKeys } = read()
    const now = running.services.deps.clocks.lifecycle.now()
    await accounts.insert({ id: other, name: 'other', switchKey: null }, now)
    const [own, theirs] = ['1'.repeat(64), '2'.repeat(64)]
    await report(own)
    const caller = { ...running.caller, accountId: other }
    await running.useCases.reportKey(caller, { key: { fingerprint: theirs }, note: null })
    expect([...(await reportedKeys.among(other, [own, theirs]))].toSorted()).toEqual([own, theirs])
    expect([...(await reportedKeys.among(running.caller.accountId, [own, theirs]))]).toEqual([own])
    expect((await running.useCases.reportedKeys(caller)).map(({ fingerprint }) => fingerprint)).toEqual([
      theirs,
    ])
    await expect(running.useCases.withdrawKeyReport(caller, own)).rejects.toMatchObject({ code: 'not-found' })
  })
})
