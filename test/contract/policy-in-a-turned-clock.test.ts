import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, fromWireTime, HOUR, type Instant } from '../../src/domain/time.ts'
import { createCertificateReader } from '../../src/pki/certificate-reader.ts'
import { fingerprintOf } from '../../src/pki/public-key.ts'
import { signingRequestPublicKey } from '../../src/pki/signing-request-reader.ts'
import { LONGEST_UPLOAD, readUploads } from '../../src/pki/upload.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'
import { testLeaf, testRoot } from '../support/test-certificates.ts'
import { thirdPartySettings } from '../support/third-party-settings.ts'

const on = (day: string): Instant => fromWireTime(day) as Instant

/** docs/policy.md: the day before each row of BR section 6.3.2, and the day after it began. */
const DAYS = [
  { day: on('2027-03-13'), limit: 200, given: 199 },
  { day: on('2027-03-16'), limit: 100, given: 99 },
  { day: on('2029-03-13'), limit: 100, given: 99 },
  { day: on('2029-03-16'), limit: 47, given: 46 },
]

describe('the table of limits, while the clock is turned over the days from which its rows hold', () => {
  const root = testRoot({ cn: 'Public Root', at: on('2026-01-01') })
  const trustChain = new X509Certificate(root.der).toString()
  let running: InProcess
  let ov: EnrollmentId
  let third: ChangeReference
  beforeAll(async () => {
    // Seeded: the clock stands at the first of January 2026, whatever the day of the run.
    running = await startInProcess({ sandboxSeed: 1, validation: VALIDATES_BY_TIME })
    const limits = {
      maxPemLength: LONGEST_UPLOAD,
      knownRoots: [root.der],
      publicRoots: new Set([fingerprintOf(root.der)]),
    }
    const reader = createCertificateReader()
    Object.assign(running.services.deps, {
      uploads: {
        standardRoots: 'any',
        read: (entries, now) => readUploads(entries, reader, { ...limits, now }),
      } satisfies InProcess['services']['deps']['uploads'],
    })
    const organization = { ra: 'symantec', validationType: 'ov' } as const
    ov = (await enroll({ ...dvSettings('ov.policy.example'), ...organization })).enrollmentId
    third = await enroll(thirdPartySettings('third.policy.example'))
    await turnTo(on('2026-12-01'))
  })
  afterAll(() => running.close())

  const enroll = (settings: EnrollmentSettings) =>
    running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })
  const turnTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })

  async function upload(days: number): Promise<string> {
    const { useCases, caller, services } = running
    const [request] = await useCases.getSigningRequests(caller, third)
    const more = {
      lifetimeMs: days * DAY,
      publicKey: signingRequestPublicKey(request?.pem ?? ''),
      keyAlgorithm: 'RSA' as const,
    }
    const at = services.deps.clocks.lifecycle.now()
    const leaf = testLeaf(root, { cn: 'third.policy.example', at, more })
    const certificate = new X509Certificate(leaf.der).toString()
    return useCases
      .uploadCertificates(caller, third, [{ keyAlgorithm: 'RSA', certificate, trustChain }])
      .then(
        () => 'taken',
        (error: unknown) => JSON.stringify((error as { readonly errors: unknown }).errors),
      )
  }

  async function renewedNow(): Promise<{ readonly days: number; readonly renewal: Instant | null }> {
    const { useCases, caller } = running
    await useCases.updateEnrollment(caller, ov, {
      settings: (before) => before,
      schedule: { notBefore: null, notAfter: null },
      allowCancelPendingChanges: true,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: true,
      allowMissingCertificateAddition: false,
    })
    await useCases.advanceClock(caller, { by: HOUR })
    const [newest] = await useCases.certificateHistory(caller, ov, true)
    const { validFrom, validTo } = new X509Certificate(newest?.primary?.certificatePem ?? '')
    const { autoRenewalStartTime } = await useCases.getEnrollment(caller, ov)
    // Both ends counted.
    const days = (Date.parse(validTo) - Date.parse(validFrom) + 1_000) / DAY
    return { days, renewal: autoRenewalStartTime }
  }

  it.each(DAYS)(
    'allow $limit days to an upload, $given days to what the sandbox CA signs, and a renewal that is planned by those',
    async ({ day, limit, given }) => {
      await turnTo(day)
      expect(await upload(limit + 1)).toContain(`at most ${limit} are allowed`)
      expect(await upload(limit)).toBe('taken')
      const { days, renewal } = await renewedNow()
      expect(days).toBe(given)
      const begins = (Number(renewal) - day) / DAY
      const lead = Math.min(60, given / 3)
      expect(begins).toBeGreaterThan(given - lead - 1)
      expect(begins).toBeLessThan(given - lead + 1)
    },
    120_000,
  )

  it('says in a plan how long the next certificate will live by the row of that day', async () => {
    const { useCases, caller } = running
    const { steps } = await useCases.plan(caller, ov)
    expect(steps[0]).toMatchObject({
      what: 'begin-renewal',
      reason: expect.stringContaining('The next certificate will live about 46 days'),
    })
  })
})
