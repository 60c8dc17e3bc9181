import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { verifyUpload } from '../../src/app/effects/verify-upload.ts'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { accountId, certificateId, contractId } from '../../src/domain/identifiers.ts'
import { DAY, plus } from '../../src/domain/time.ts'
import { thirdPartySettings } from '../support/third-party-settings.ts'
import { hasOpenssl, makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'

describe.skipIf(!hasOpenssl)(
  'uploads over a real database (skipped when the program openssl is missing)',
  () => {
    let running: InProcess
    let authority: OutsideAuthority
    let ref: ChangeReference
    let certificate: string

    beforeAll(async () => {
      ;[running, authority] = await Promise.all([startInProcess(), makeOutsideAuthority()])
      const { useCases, caller } = running
      ref = await useCases.createEnrollment(caller, {
        contractId: contractId('1-SANDBOX'),
        settings: thirdPartySettings('stored.example'),
        schedule: { notBefore: null, notAfter: null },
        allowDuplicateCn: false,
      })
      // RSA keys take their time where the machine is busy.
      const [request] = await vi.waitFor(() => useCases.getSigningRequests(caller, ref), { timeout: 20_000 })
      certificate = await authority.sign(request?.pem ?? '')
    })
    afterAll(async () => {
      await authority.close()
      await running.close()
    })

    const repositories = () => running.services.deps.store.read
    const record = async (text: string) => {
      const { deps } = running.services
      const [pair] = await repositories().certificates.keyPairsOf(ref.changeId)
      if (pair === undefined) throw new Error('there is no key pair')
      const { serialNumber, fingerprint, signatureHash, ocspUris, notBefore, notAfter } =
        deps.certificates.read(certificate)
      return {
        ...{ serialNumber, fingerprint, signatureHash, ocspUris, notBefore, notAfter },
        id: certificateId(deps.random.uuid()),
        accountId: pair.accountId,
        enrollmentId: pair.enrollmentId,
        changeId: pair.changeId,
        keyPairId: pair.id,
        keyAlgorithm: pair.keyAlgorithm,
        certificatePem: certificate,
        chainPem: '',
        createdAt: pair.createdAt,
        uploadedCertificate: text,
        uploadedChain: null,
      }
    }

    it('keep the text to the letter, the latest of each key type', async () => {
      await repositories().uploads.put(await record('first'))
      const text = `\r\nlatest \u00e4\r\n\r\n${certificate}`
      await repositories().uploads.put(await record(text))
      expect(await repositories().uploads.ofChange(ref.changeId)).toEqual([
        { keyAlgorithm: 'RSA', certificate: text, trustChain: null },
      ])
      expect(await repositories().certificates.ofChange(ref.changeId)).toHaveLength(1)
    })

    it('know a key that another account has, and not the own one', async () => {
      const { certificates } = running.services.deps
      const key = certificates.read(certificate).publicKeyFingerprint
      const { uploads } = repositories()
      expect(await uploads.keysOfOthers(running.caller.accountId, [key])).toEqual(new Set())
      expect(await uploads.keysOfOthers(accountId('A-OTHER'), [key, 'f'.repeat(64)])).toEqual(new Set([key]))
    })

    it('are given back when they have expired before they were verified', async () => {
      const { deps } = running.services
      await repositories().uploads.put(await record(certificate))
      const change = await repositories().changes.load(ref.changeId)
      if (change === null) throw new Error('there is no change')
      const later = { now: () => plus(deps.clocks.lifecycle.now(), 400 * DAY) }
      const outcome = await verifyUpload({
        deps: { ...deps, clocks: { ...deps.clocks, lifecycle: later } },
        locked: deps.store,
        change,
        signal: new AbortController().signal,
      })
      expect(outcome).toMatchObject({ kind: 'event', event: 'upload-refused' })
      if (outcome.kind === 'event') await deps.store.transaction(async (tx) => outcome.write?.(tx))
      expect(await repositories().uploads.ofChange(ref.changeId)).toEqual([])
    })

    it('change nothing when one of two entries has a fault', async () => {
      const { useCases, caller } = running
      const upload = useCases.uploadCertificates(caller, ref, [
        { keyAlgorithm: 'RSA', certificate, trustChain: null },
        { keyAlgorithm: 'ECDSA', certificate, trustChain: null },
      ])
      await expect(upload).rejects.toMatchObject({ code: 'validation-error' })
      expect(await repositories().uploads.ofChange(ref.changeId)).toEqual([])
      expect((await useCases.getChange(caller, ref)).status).toBe('wait-upload-third-party')
    })
  },
)
