import { describe, expect, it } from 'vitest'
import { DAY, instant, plus } from '../time.ts'
import type { CertificateFacts } from './certificate.ts'
import { disagreements } from './compare.ts'

const NOW = instant(1_795_000_000_000)
const ASKED = { dnsNames: ['a.example', 'b.example'], publicKeyFingerprint: 'f0', now: NOW }

const NOBODY = { cn: null, o: null, ou: null, l: null, st: null, c: null }
const GOOD: CertificateFacts = {
  serialNumber: '0a',
  fingerprint: '00',
  subject: NOBODY,
  issuer: { ...NOBODY, cn: 'Issuing' },
  dnsNames: ['b.example', 'a.example'],
  extendedKeyUsages: [],
  ocspUris: [],
  notBefore: plus(NOW, -DAY),
  notAfter: plus(NOW, DAY),
  keyAlgorithm: 'ECDSA',
  keyBits: 256,
  publicKeyFingerprint: 'f0',
  signatureHash: 'SHA-256',
  isAuthority: false,
  isSelfIssued: false,
}

const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'

describe('what came back is what was asked for', () => {
  it.each<[string, Partial<CertificateFacts>]>([
    ['names in another order, and no common name, purpose or responder', {}],
    ['serverAuth alone', { extendedKeyUsages: [SERVER] }],
    ['clientAuth besides', { extendedKeyUsages: [CLIENT, SERVER] }],
    ['any purpose', { extendedKeyUsages: ['2.5.29.37.0'] }],
  ])('with %s', (_, facts) => {
    expect(disagreements({ ...GOOD, ...facts }, ASKED)).toEqual([])
  })

  it.each<[Partial<CertificateFacts>, string]>([
    [{ publicKeyFingerprint: 'f1' }, 'its key is not the one of the signing request'],
    [{ dnsNames: ['a.example'] }, 'names are missing: b.example'],
    [{ dnsNames: [...GOOD.dnsNames, 'c.example'] }, 'names were added: c.example'],
    [{ notAfter: NOW }, 'it has expired'],
    [{ notBefore: plus(NOW, 1) }, 'it is not valid yet'],
    [{ extendedKeyUsages: [CLIENT] }, 'it is not for servers (serverAuth is missing)'],
    [{ signatureHash: 'SHA-1' }, 'it is signed with SHA-1'],
    [{ isAuthority: true }, 'it is a certificate of a certificate authority'],
  ])('but not with %j: %s', (facts, told) => {
    expect(disagreements({ ...GOOD, ...facts }, ASKED)).toEqual([told])
  })
})
