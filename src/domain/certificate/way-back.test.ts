import { describe, expect, it } from 'vitest'
import { DAY, instant, plus } from '../time.ts'
import { type FormerCertificate, mayBeReturnedTo, obstaclesToReturn } from './way-back.ts'

const NOW = instant(Date.UTC(2027, 0, 1))
const SOUND: FormerCertificate = {
  serialNumber: 'a1',
  notBefore: plus(NOW, -60 * DAY),
  notAfter: plus(NOW, 30 * DAY),
  isRevoked: false,
  isKeyReported: false,
  isKeyGone: false,
}

describe('a network may go back to', () => {
  it('certificates that clients take', () => {
    expect(obstaclesToReturn([SOUND, SOUND], NOW)).toEqual([])
    expect(mayBeReturnedTo([SOUND], NOW)).toBe(true)
  })

  it('nobody, where nothing was served', () => {
    expect(mayBeReturnedTo([], NOW)).toBe(true)
  })
})

describe('a network may not go back to a certificate that', () => {
  it.each([
    ['was revoked', { isRevoked: true }],
    ['has a key that was reported as compromised', { isKeyReported: true }],
    ['has no private key any more', { isKeyGone: true }],
    ['expired at 2027-01-01T00:00:00Z', { notAfter: NOW }],
    ['is not valid before 2027-01-02T00:00:00Z', { notBefore: plus(NOW, DAY) }],
  ])('%s', (text, worse) => {
    expect(obstaclesToReturn([{ ...SOUND, ...worse }], NOW)).toEqual([
      `the certificate with serial a1 ${text}`,
    ])
  })

  it('has several faults, and all of them are named', () => {
    expect(obstaclesToReturn([{ ...SOUND, isRevoked: true, notAfter: NOW }], NOW)).toHaveLength(2)
  })

  it('is one of two that serve together', () => {
    expect(mayBeReturnedTo([SOUND, { ...SOUND, isRevoked: true }], NOW)).toBe(false)
  })

  it('is valid for one moment less than now, and not one that ends a moment later', () => {
    expect(mayBeReturnedTo([{ ...SOUND, notAfter: plus(NOW, 1) }], NOW)).toBe(true)
    expect(mayBeReturnedTo([{ ...SOUND, notAfter: plus(NOW, -1) }], NOW)).toBe(false)
  })
})
