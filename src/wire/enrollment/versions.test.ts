import { describe, expect, it } from 'vitest'
import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import { Problem } from '../../errors/problem.ts'
import { SETTINGS, viewOf } from '../../../test/support/sample-views.ts'
import type { JsonObject } from '../json.ts'
import { decodeEnrollment } from './decode.ts'
import { encodeEnrollment } from './versions.ts'

const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
const serviceNames = ['localhost', 'api.certrail.example']
// oxlint-disable-next-line no-explicit-any -- tests look into bodies by path
const shown = (version: number, settings: EnrollmentSettings = SETTINGS): any =>
  encodeEnrollment(version, viewOf(settings))

function faultsOf(version: number, body: unknown, stored: EnrollmentSettings | null = null): string[] {
  try {
    decodeEnrollment(version, body, { stored, serviceNames })
  } catch (error) {
    if (error instanceof Problem && error.code === 'validation-error')
      return error.errors.map(({ field }) => field)
    throw error
  }
  throw new Error('not refused')
}

const thirdParty: EnrollmentSettings = {
  ...SETTINGS,
  ra: 'third-party',
  validationType: 'third-party',
  certificateType: 'third-party',
  signatureAlgorithm: null,
  enableMultiStackedCertificates: true,
  csr: { ...SETTINGS.csr, c: null, ou: '', preferredTrustChain: null },
  networkConfiguration: {
    ...SETTINGS.networkConfiguration,
    fipsMode: false,
    clientMutualAuthentication: null,
  },
  thirdParty: { excludeSans: true },
}

describe('an enrollment', () => {
  it.each(VERSIONS)('that is fetched and put back through version %i stays as it was', (version) => {
    for (const stored of [SETTINGS, thirdParty])
      expect(decodeEnrollment(version, shown(version, stored), { stored, serviceNames })).toEqual(stored)
  })

  it.each(VERSIONS)('may carry what no version knows, in version %i', (version) => {
    const body = { ...shown(version), surprise: [1], csr: { ...shown(version).csr, surprise: null } }
    expect(decodeEnrollment(version, body, { stored: SETTINGS, serviceNames })).toEqual(SETTINGS)
  })

  it('loses on the way down only what the version does not know', () => {
    const newest = shown(12).networkConfiguration
    expect(newest.fipsMode).toBe(true)
    expect(shown(11).networkConfiguration).not.toHaveProperty('fipsMode')
    expect(shown(10)).not.toHaveProperty('id')
    expect(shown(10).pendingChanges).toEqual([
      { location: '/cps/v2/enrollments/10001/changes/10002', changeType: 'modify-san' },
    ])
    expect(shown(9).pendingChanges).toEqual(['/cps/v2/enrollments/10001/changes/10002'])
    expect(shown(9).csr).not.toHaveProperty('preferredTrustChain')
    expect(shown(8).networkConfiguration).not.toHaveProperty('clientMutualAuthentication')
    expect(shown(6).networkConfiguration.sni).toEqual({ cloneDnsNames: false, dnsNames: ['www.example.com'] })
    expect(shown(3).networkConfiguration.geography).toBe('russia+core')
    expect(shown(2).networkConfiguration).toMatchObject({
      networkType: 'worldwide-russia',
      secureNetwork: 'standard-tls',
    })
    expect(shown(2).adminContact).toEqual({
      firstName: 'Ada',
      lastName: 'Doe',
      phone: '617-555-0111',
      email: 'someone@example.com',
    })
    expect(Object.keys(shown(1).networkConfiguration).sort()).toEqual([
      'mustHaveCiphers',
      'networkType',
      'preferredCiphers',
      'sni',
    ])
  })

  it('has empty texts where version 10 knows no null', () => {
    expect(shown(10, thirdParty).csr).toMatchObject({ c: '', preferredTrustChain: '', ou: '' })
    expect(shown(11, thirdParty).csr).toMatchObject({ c: null, preferredTrustChain: null })
  })

  it('that is created through an old version gets defaults for what it could not say', () => {
    const body = shown(1)
    const settings = decodeEnrollment(
      1,
      { ...body, networkConfiguration: { networkType: 'standard-worldwide', sni: null } },
      { stored: null, serviceNames },
    )
    expect(settings.networkConfiguration).toEqual({
      geography: 'core',
      secureNetwork: 'standard-tls',
      mustHaveCiphers: 'ak-akamai-default',
      preferredCiphers: 'ak-akamai-default',
      disallowedTlsVersions: [],
      sniOnly: false,
      dnsNameSettings: null,
      quicEnabled: false,
      ocspStapling: 'on',
      clientMutualAuthentication: null,
      fipsMode: false,
    })
    expect(settings).toMatchObject({
      orgId: null,
      certificateChainType: 'default',
      enableMultiStackedCertificates: false,
    })
  })

  it('shows all its names where cloneDnsNames says so, and the CN among the SANs', () => {
    const settings = {
      ...SETTINGS,
      csr: { ...SETTINGS.csr, cn: 'WWW.example.com', sans: ['b.example.com'] },
      networkConfiguration: {
        ...SETTINGS.networkConfiguration,
        dnsNameSettings: { cloneDnsNames: true, dnsNames: null },
      },
    }
    expect(shown(12, settings).csr.sans).toEqual(['WWW.example.com', 'b.example.com'])
    expect(shown(12, settings).networkConfiguration.dnsNameSettings.dnsNames).toEqual([
      'WWW.example.com',
      'b.example.com',
    ])
  })
})

describe('a body', () => {
  const body = shown(12) as JsonObject
  const csr = (members: object) => ({ ...body, csr: { ...(body['csr'] as object), ...members } })
  const network = (members: object) => ({
    ...body,
    networkConfiguration: { ...(body['networkConfiguration'] as object), ...members },
  })

  it('without anything lacks what is required', () => {
    expect(faultsOf(12, {})).toEqual([
      '/ra',
      '/validationType',
      '/certificateType',
      '/changeManagement',
      '/enableMultiStackedCertificates',
      '/csr',
      '/networkConfiguration',
    ])
  })

  it.each([
    ['names of a wrong type', csr({ sans: ['a.example.com', 1, {}] }), ['/csr/sans/1', '/csr/sans/2']],
    ['sans that are no list', csr({ sans: 'a.example.com' }), ['/csr/sans']],
    ['an empty name', csr({ sans: [''] }), ['/csr/sans/0']],
    ['a public suffix', csr({ sans: ['www.example.com', '*.co.uk'] }), ['/csr/sans/1']],
    [
      'a CN of more than 64 characters',
      csr({ cn: `${'a'.repeat(40)}.${'b'.repeat(40)}.example.com` }),
      ['/csr/cn'],
    ],
    [
      'more than 100 names',
      csr({ sans: Array.from({ length: 100 }, (_, n) => `n${n}.example.com`) }),
      ['/csr/sans'],
    ],
    [
      'more than 25 wildcards',
      csr({ sans: Array.from({ length: 26 }, (_, n) => `*.n${n}.example.com`) }),
      ['/csr/sans'],
    ],
    [
      'a service name among the names served',
      network({ dnsNameSettings: { cloneDnsNames: false, dnsNames: ['api.certrail.example'] } }),
      ['/networkConfiguration/dnsNameSettings/dnsNames/0'],
    ],
    ['texts that are too long', csr({ o: 'x'.repeat(65), l: 'x'.repeat(129) }), ['/csr/l', '/csr/o']],
    ['a lone surrogate', csr({ ou: '\ud800' }), ['/csr/ou']],
    [
      'unknown TLS versions',
      network({ disallowedTlsVersions: ['TLSv1_0', 'SSLv3'] }),
      ['/networkConfiguration/disallowedTlsVersions/1'],
    ],
    [
      'no TLS version left',
      network({ disallowedTlsVersions: ['TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3'] }),
      ['/networkConfiguration/disallowedTlsVersions'],
    ],
    [
      'nothing left but versions that RFC 8996 forbids',
      network({ disallowedTlsVersions: ['TLSv1_2', 'TLSv1_3'] }),
      ['/networkConfiguration/disallowedTlsVersions'],
    ],
    ['stapling as YAML reads it', network({ ocspStapling: true }), ['/networkConfiguration/ocspStapling']],
    ['another CA', { ...body, ra: 'symantec' }, ['/ra']],
    [
      'a certificate type that is not for it',
      { ...body, certificateType: 'third-party' },
      ['/certificateType'],
    ],
    [
      'dual stack for DV',
      { ...body, enableMultiStackedCertificates: true },
      ['/enableMultiStackedCertificates'],
    ],
    ['an id that is no number', { ...body, orgId: 'x' }, ['/orgId']],
  ])('is refused for %s', (_, bad, fields) => {
    expect(faultsOf(12, bad)).toEqual(fields)
  })

  it('of EV holds no wildcard, and of OV needs its organisation or its id', () => {
    const ev = {
      ...csr({ sans: ['*.example.com'], preferredTrustChain: 'x' }),
      ra: 'symantec',
      validationType: 'ev',
    }
    expect(faultsOf(12, ev)).toEqual(['/csr/sans'])
    const ov = {
      ...csr({ preferredTrustChain: '' }),
      ra: 'symantec',
      validationType: 'ov',
      org: null,
      adminContact: {},
      techContact: { email: '' },
    }
    expect(decodeEnrollment(12, ov, { stored: null, serviceNames }).orgId).toBe(42)
    expect(faultsOf(12, { ...ov, orgId: null })).toEqual(['/org', '/adminContact', '/techContact'])
  })

  it('takes missing, null and empty for the same', () => {
    for (const nothing of [undefined, null, '']) {
      const settings = decodeEnrollment(
        12,
        { ...network({ ocspStapling: nothing, preferredCiphers: nothing }), signatureAlgorithm: nothing },
        { stored: null, serviceNames },
      )
      expect(settings.networkConfiguration).toMatchObject({
        ocspStapling: 'on',
        preferredCiphers: 'ak-akamai-default',
      })
      expect(settings.signatureAlgorithm).toBe('SHA-256')
    }
  })

  it('cannot change what is fixed at creation, in the words of its own version', () => {
    const stored = { ...SETTINGS, csr: { ...SETTINGS.csr, cn: 'other.example.com' } }
    const changed = network({ sniOnly: false, secureNetwork: 'enhanced-tls' })
    expect(faultsOf(12, changed, stored)).toEqual([
      '/csr/cn',
      '/networkConfiguration/sniOnly',
      '/networkConfiguration/secureNetwork',
    ])
    const old = shown(4)
    expect(
      faultsOf(4, { ...old, networkConfiguration: { ...old.networkConfiguration, sni: null } }, SETTINGS),
    ).toEqual(['/networkConfiguration/sni'])
    expect(
      faultsOf(4, {
        ...old,
        networkConfiguration: {
          ...old.networkConfiguration,
          sni: { cloneDnsNames: false, dnsNames: ['a b'] },
        },
      }),
    ).toEqual(['/networkConfiguration/sni/dnsNames/0'])
    expect(faultsOf(1, { ...shown(1), networkConfiguration: { networkType: 'moon', sni: null } })).toEqual([
      '/networkConfiguration/networkType',
    ])
  })

  it('may write the same common name in another way', () => {
    expect(
      decodeEnrollment(12, csr({ cn: 'WWW.Example.COM' }), { stored: SETTINGS, serviceNames }).csr.cn,
    ).toBe('WWW.Example.COM')
  })
})
