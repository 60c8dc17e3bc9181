import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hasOpenssl,
  makeOutsideAuthority,
  type OutsideAuthority,
} from '../../test/support/outside-authority.ts'
import { mayBeStapled } from '../domain/certificate/staple.ts'
import { HOUR, instant, MINUTE } from '../domain/time.ts'
import { createOcspRequest } from './ocsp-request.ts'
import { readOcspResponse } from './ocsp-response.ts'
import { pemBlocks } from './pem.ts'

const derOf = (pem: string): Buffer => pemBlocks(pem, 1)[0]?.der ?? Buffer.alloc(0)

describe.skipIf(!hasOpenssl)('an OCSP response (skipped when the program openssl is missing)', () => {
  let authority: OutsideAuthority
  let issuer: Buffer
  let certificate: Buffer
  let revoked: Buffer
  beforeAll(async () => {
    authority = await makeOutsideAuthority()
    issuer = derOf(authority.intermediatePem)
    certificate = derOf(await authority.signFor('good.example'))
    const other = await authority.signFor('revoked.example')
    revoked = derOf(other)
    await authority.revoke(other)
  })
  afterAll(() => authority.close())

  const answerAbout = (about: Buffer, options?: Parameters<OutsideAuthority['answer']>[1]) =>
    authority.answer(createOcspRequest(about, issuer), options)

  it('says good, from when and until when', async () => {
    const answer = readOcspResponse(await answerAbout(certificate), certificate, issuer)
    expect(answer.status).toBe('good')
    expect(Math.abs(answer.thisUpdate - Date.now())).toBeLessThan(HOUR)
    expect(answer.nextUpdate).toBe(answer.thisUpdate + HOUR)
  })

  it('says revoked, and is then shown to nobody', async () => {
    const answer = readOcspResponse(await answerAbout(revoked), revoked, issuer)
    expect(answer.status).toBe('revoked')
    expect(mayBeStapled(answer, instant(Date.now()))).toBe(false)
  })

  it('may be signed by whom the issuer appointed, and by nobody else', async () => {
    const appointed = await answerAbout(certificate, { by: 'appointee' })
    expect(readOcspResponse(appointed, certificate, issuer).status).toBe('good')
    const strange = await answerAbout(certificate, { by: 'stranger' })
    expect(() => readOcspResponse(strange, certificate, issuer)).toThrow(/nobody who may speak/)
  })

  it('about another certificate counts for nothing', async () => {
    const other = await answerAbout(revoked)
    expect(() => readOcspResponse(other, certificate, issuer)).toThrow(/about another certificate/)
  })

  it('with any octet changed is refused, or is the same answer', async () => {
    const response = await answerAbout(certificate)
    const whole = readOcspResponse(response, certificate, issuer)
    let refused = 0
    for (const at of response.keys()) {
      const changed = Buffer.from(response)
      changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at)
      try {
        // Certificates that come along unasked are not signed over, and prove nothing.
        expect(readOcspResponse(changed, certificate, issuer)).toEqual(whole)
      } catch (error) {
        expect((error as Error).constructor.name).toBe('OcspRefusal')
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(300)
  })

  it.each([Buffer.alloc(0), Buffer.from('300030', 'hex'), Buffer.from('30030a0103', 'hex')])(
    'that is none is refused (%s)',
    (bytes) => {
      expect(() => readOcspResponse(bytes, certificate, issuer)).toThrow(/OCSP response|tryLater/)
    },
  )
})

describe('whether an OCSP response may be stapled', () => {
  const now = instant(1_700_000_000_000)
  const good = { status: 'good', thisUpdate: now, nextUpdate: instant(now + HOUR) } as const

  it.each([
    ['good and lasting', good, true],
    ['unknown', { ...good, status: 'unknown' as const }, false],
    ['ended', { ...good, nextUpdate: now }, false],
    ['without an end', { ...good, nextUpdate: null }, false],
    ['a little ahead of us', { ...good, thisUpdate: instant(now + MINUTE) }, true],
    ['far ahead of us', { ...good, thisUpdate: instant(now + 10 * MINUTE) }, false],
  ])('%s', (_what, answer, expected) => {
    expect(mayBeStapled(answer, now)).toBe(expected)
  })
})
