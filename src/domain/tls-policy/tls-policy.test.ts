import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../test/support/settings.ts'
import type { NetworkConfiguration } from '../enrollment/enrollment.ts'
import { CIPHER_PROFILES, cipherProfile, DEFAULT_PROFILE, isKnownProfile } from './cipher-profiles.ts'
import { tlsPolicy } from './tls-policy.ts'

const SETTINGS = dvSettings('www.example').networkConfiguration
const policyOf = (settings: Partial<NetworkConfiguration>) => tlsPolicy({ ...SETTINGS, ...settings })

describe('TLS versions', () => {
  it.each([
    [[], 'TLSv1.2', 'TLSv1.3'],
    [['TLSv1', 'TLSv1_0', 'TLSv1_1'], 'TLSv1.2', 'TLSv1.3'],
    [['TLSv1_2'], 'TLSv1.3', 'TLSv1.3'],
    [['TLSv1', 'TLSv1_1', 'TLSv1_3'], 'TLSv1.2', 'TLSv1.2'],
  ] as const)('without %j are %s to %s (RFC 8996: none below 1.2)', (disallowed, minVersion, maxVersion) => {
    expect(policyOf({ disallowedTlsVersions: disallowed })).toMatchObject({ minVersion, maxVersion })
  })
})

describe('cipher profiles', () => {
  it('put what must be there before what is preferred, each cipher once', () => {
    const { ciphers } = policyOf({ mustHaveCiphers: 'ak-akamai-2020q1', preferredCiphers: 'ak-akamai-pfs' })
    const must = cipherProfile('ak-akamai-2020q1').ciphers
    expect(ciphers.slice(0, must.length)).toEqual(must)
    expect(new Set(ciphers).size).toBe(ciphers.length)
    expect(ciphers).toEqual(expect.arrayContaining([...cipherProfile('ak-akamai-pfs').ciphers]))
  })

  it.each(Object.keys(CIPHER_PROFILES))('%s has nothing that RFC 9325 section 4.2.1 forbids', (name) => {
    const { suites, ciphers } = cipherProfile(name)
    expect(suites.length).toBeGreaterThan(1)
    expect(ciphers.length).toBeGreaterThan(3)
    expect([...suites, ...ciphers].join(' ')).not.toMatch(/NULL|aNULL|EXP|RC4|DES|MD5|ADH|AECDH/)
  })

  it.each(Object.keys(CIPHER_PROFILES))(
    '%s has a cipher for either kind of certificate, with forward secrecy first (RFC 9325 section 4.2)',
    (name) => {
      const { ciphers } = cipherProfile(name)
      expect(ciphers.some((cipher) => cipher.startsWith('ECDHE-ECDSA-'))).toBe(true)
      expect(ciphers.some((cipher) => cipher.startsWith('ECDHE-RSA-'))).toBe(true)
      expect(ciphers[0]).toMatch(/^ECDHE-/)
    },
  )

  it('serves a profile that stands in no table as the default one', () => {
    expect(isKnownProfile('ak-never-heard-of')).toBe(false)
    expect(isKnownProfile('toString')).toBe(false)
    expect(cipherProfile('ak-never-heard-of')).toBe(cipherProfile(DEFAULT_PROFILE))
  })
})

it('FIPS mode leaves approved algorithms alone, and some of each (NIST SP 800-52r2 section 3.3.1)', () => {
  const policy = policyOf({ fipsMode: true, mustHaveCiphers: 'ak-soft-errors' })
  expect(policy.suites).toEqual(['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'])
  expect(policy.groups).toEqual(['P-256', 'P-384'])
  expect(policy.ciphers).toHaveLength(4)
  for (const cipher of policy.ciphers) expect(cipher).toMatch(/^ECDHE-(ECDSA|RSA)-AES(128|256)-GCM-SHA/)
})
