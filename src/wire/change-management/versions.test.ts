import { describe, expect, it } from 'vitest'
import { MANAGEMENT, pemOf } from '../../../test/support/sample-lifecycle.ts'
import { changeManagementVersions } from './versions.ts'

const wire = { spelling: 'coodinate', challengeRedirectBase: null } as const

// oxlint-disable-next-line no-explicit-any -- tests look into bodies by path
const encode = (version: number, view: Partial<typeof MANAGEMENT> = {}): any =>
  changeManagementVersions.find((row) => row.version === version)?.encode({ ...MANAGEMENT, ...view }, wire)

const CERTIFICATE_1_TO_3 = {
  certificateType: 'third-party',
  fullCertificate: pemOf('ECDSA'),
  signatureAlgorithm: 'SHA-256',
}
const SHARED = {
  acknowledgementDeadline: '2026-01-02T03:04:05Z',
  validationResultHash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  validationResult: {
    errors: null,
    warnings: [
      { message: 'The first.', messageCode: 'CERTIFICATE_EXPIRED' },
      { message: 'The second, over\ntwo lines.', messageCode: 'CERTIFICATE_SELF_SIGNED' },
    ],
  },
}
const CIPHERS = {
  networkType: 'worldwide-russia',
  mustHaveCiphers: 'ak-akamai-2020q1',
  preferredCiphers: 'ak-akamai-2020q1',
}
const NETWORK_4 = {
  ...CIPHERS,
  disallowedTlsVersions: ['TLSv1', 'TLSv1_1'],
  dnsNameSettings: { cloneDnsNames: false, dnsNames: ['www.example.com'] },
  ocspStapling: 'not-set',
  quicEnabled: 'true',
  sniOnly: 'true',
}
const SNI = { cloneDnsNames: false, dnsNames: ['www.example.com'] }

describe('change-management-info', () => {
  it('v6 and v5 list every certificate, and flags are texts', () => {
    const certificate = (keyAlgorithm: string) => ({
      ...CERTIFICATE_1_TO_3,
      fullCertificate: pemOf(keyAlgorithm),
      keyAlgorithm,
      ocspStapled: 'true',
      ocspUris: ['http://ocsp.example.com'],
    })
    const pendingCertificates = [certificate('ECDSA'), certificate('RSA')]
    expect(encode(5)).toEqual({
      ...SHARED,
      pendingState: { pendingCertificates, pendingNetworkConfiguration: NETWORK_4 },
    })
    expect(encode(6)).toEqual({
      ...SHARED,
      pendingState: {
        pendingCertificates,
        pendingNetworkConfiguration: {
          ...NETWORK_4,
          clientMutualAuthentication: {
            setId: '1234',
            authenticationOptions: { sendCaListToClient: true, ocsp: { enabled: true } },
          },
          fipsMode: true,
        },
      },
    })
  })

  it('v4 has the primary certificate alone, without its key algorithm', () => {
    expect(encode(4)).toEqual({
      ...SHARED,
      pendingState: {
        pendingCertificate: {
          ...CERTIFICATE_1_TO_3,
          ocspStapled: 'true',
          ocspUris: ['http://ocsp.example.com'],
        },
        pendingNetworkConfiguration: NETWORK_4,
      },
    })
  })

  it('v3 and v2 say SNI in the old way, and v1 knows no TLS versions', () => {
    const network = { ...CIPHERS, sni: SNI }
    const of = (pendingNetworkConfiguration: object) => ({
      ...SHARED,
      pendingState: { pendingCertificate: CERTIFICATE_1_TO_3, pendingNetworkConfiguration },
    })
    const withTls = { ...network, disallowedTlsVersions: ['TLSv1', 'TLSv1_1'] }
    expect(encode(3)).toEqual(of(withTls))
    expect(encode(2)).toEqual(of(withTls))
    expect(encode(1)).toEqual(of(network))
  })

  it('has a place for what is not there: no certificate, no SNI, no deadline', () => {
    const view = {
      acknowledgementDeadline: null,
      pendingCertificates: [],
      pendingSettings: { ...MANAGEMENT.pendingSettings, sniOnly: false, dnsNameSettings: null },
      errors: [{ id: 'E', text: 'broken' }],
      warnings: [],
    }
    for (const version of [4, 5, 6])
      expect(encode(version, view).pendingState.pendingNetworkConfiguration).toMatchObject({
        dnsNameSettings: null,
        sniOnly: 'false',
      })
    expect(encode(6, view).pendingState.pendingCertificates).toEqual([])
    for (const version of [1, 2, 3, 4])
      expect(encode(version, view).pendingState.pendingCertificate).toBeNull()
    for (const version of [1, 2, 3])
      expect(encode(version, view).pendingState.pendingNetworkConfiguration.sni).toBeNull()
    expect(encode(3, view)).toMatchObject({
      acknowledgementDeadline: null,
      validationResult: { errors: [{ message: 'broken', messageCode: 'E' }], warnings: [] },
    })
  })
  it('tells names that are removed and still live in one entry, as the published samples do', () => {
    const live = (name: string) => ({
      id: 'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK',
      text: `SAN name [${name}] removed from certificate is still live on the network.`,
    })
    const other = { id: 'CERTIFICATE_EXPIRED', text: 'This certificate has already expired.' }
    const warnings = [live('san9.example.com'), other, live('san8.example.com')]
    expect(encode(5, { warnings }).validationResult.warnings).toEqual([
      {
        message:
          '[SAN name [san9.example.com] removed from certificate is still live on the network., SAN name [san8.example.com] removed from certificate is still live on the network.]',
        messageCode: 'no-code',
      },
      { message: other.text, messageCode: other.id },
    ])
  })
})
