import { describe, expect, it } from 'vitest'
import {
  CERTIFICATE_HISTORY,
  CHANGE_HISTORY,
  DV_HISTORY,
  pemOf,
} from '../../../test/support/sample-lifecycle.ts'
import type { Encoding } from '../row.ts'
import { certificateHistoryVersions } from './certificates.ts'
import { changeHistoryVersions } from './changes.ts'
import { dvHistoryVersions } from './validations.ts'

// oxlint-disable-next-line no-explicit-any -- tests look into bodies by path
const encode = <View>(rows: readonly Encoding<View>[], version: number, view: View): any =>
  rows
    .find((row) => row.version === version)
    ?.encode(view, { spelling: 'coodinate', challengeRedirectBase: 'http://127.0.0.1:8080' })

describe('the history of changes', () => {
  it('v5 and v4 say key algorithms and the order in one member', () => {
    const body = encode(changeHistoryVersions, 5, CHANGE_HISTORY)
    expect(body.changes[0]).toEqual({
      action: 'renew',
      actionDescription: 'Renew Certificate',
      status: 'completed',
      createdBy: 'pipeline',
      createdOn: '2026-01-02T03:04:05Z',
      lastUpdated: '2026-01-03T03:04:05Z',
      businessCaseId: null,
      ra: 'third-party',
      primaryCertificate: {
        certificate: pemOf('ECDSA'),
        csr: 'CSR ECDSA',
        trustChain: null,
        keyAlgorithm: 'ECDSA',
      },
      multiStackedCertificates: [
        { certificate: pemOf('RSA'), csr: 'CSR RSA', trustChain: null, keyAlgorithm: 'RSA' },
      ],
      primaryCertificateOrderDetails: { orderId: '4711' },
    })
    expect(encode(changeHistoryVersions, 4, CHANGE_HISTORY)).toEqual(body)
  })

  it('v3 and older say no key algorithm, and an order in three members, the first a number', () => {
    const body = encode(changeHistoryVersions, 3, CHANGE_HISTORY)
    expect(body.changes[0]).toMatchObject({
      primaryCertificateOrderDetails: {
        geotrustOrderId: 4711,
        originalPartnerOrderId: '4711',
        partnerOrderId: '4711',
      },
    })
    expect(body.changes[1].primaryCertificateOrderDetails).toEqual({
      geotrustOrderId: 0,
      originalPartnerOrderId: 'https://ca.example/order/a1',
      partnerOrderId: 'https://ca.example/order/a1',
    })
    expect(JSON.stringify(body)).not.toContain('keyAlgorithm')
    for (const version of [1, 2]) expect(encode(changeHistoryVersions, version, CHANGE_HISTORY)).toEqual(body)
  })

  it('keeps its order and its lists where there is nothing', () => {
    for (const version of [1, 2, 3, 4, 5]) {
      const { changes } = encode(changeHistoryVersions, version, CHANGE_HISTORY)
      expect(changes.map((change: { status: string }) => change.status)).toEqual([
        'completed',
        'incomplete',
        'cancelled',
      ])
      expect(changes[1].primaryCertificate).toMatchObject({ certificate: null, csr: 'CSR RSA' })
      expect(changes[2]).toMatchObject({
        primaryCertificate: null,
        multiStackedCertificates: [],
        primaryCertificateOrderDetails: null,
        lastUpdated: null,
      })
    }
    expect(encode(changeHistoryVersions, 5, [])).toEqual({ changes: [] })
  })
})

describe('the history of certificates', () => {
  it('says what is live where, and PEM to the letter', () => {
    expect(encode(certificateHistoryVersions, 2, CERTIFICATE_HISTORY).certificates).toMatchObject([
      {
        type: 'third-party',
        deploymentStatus: 'active',
        stagingStatus: 'active',
        geography: 'core',
        ra: 'third-party',
        slots: [7],
        primaryCertificate: {
          certificate: pemOf('ECDSA'),
          trustChain: null,
          expiry: '2026-01-02T03:04:05Z',
          keyAlgorithm: 'ECDSA',
        },
        multiStackedCertificates: [{ keyAlgorithm: 'RSA' }],
      },
      { deploymentStatus: 'inactive', stagingStatus: 'inactive', slots: [], multiStackedCertificates: [] },
    ])
  })

  it('v1 says no key algorithms', () => {
    const body = encode(certificateHistoryVersions, 1, CERTIFICATE_HISTORY)
    expect(JSON.stringify(body)).not.toContain('keyAlgorithm')
    expect(body.certificates[0].multiStackedCertificates[0].certificate).toBe(pemOf('RSA'))
  })
})

describe('the history of validations', () => {
  it('has every generation, its http-01 challenge once more at the top, and none there for a wildcard', () => {
    const [name, wildcard] = encode(dvHistoryVersions, 1, DV_HISTORY).results
    expect(name).toMatchObject({ domain: 'www.example.com' })
    expect(name.domainHistory).toHaveLength(2)
    expect(name.domainHistory[0]).toMatchObject({
      domain: 'www.example.com',
      status: 'Awaiting user',
      validationStatus: 'RESPONSE_ERROR',
      error: 'The name does not resolve.',
      fullPath: 'http://www.example.com/.well-known/acme-challenge/token',
      redirectFullPath: 'http://127.0.0.1:8080/.well-known/acme-challenge/token',
      responseBody: 'token.thumbprint',
      token: 'token',
      validatedTimestamp: '',
      challenges: [{ type: 'http-01' }, { type: 'dns-01' }],
      validationRecords: [{ hostname: 'www.example.com', port: '80', resolvedIp: ['192.0.2.1'] }],
    })
    expect(name.domainHistory[1]).toMatchObject({
      status: 'Error',
      validationStatus: 'EXPIRED',
      error: 'Expired authorization',
    })
    expect(wildcard.domainHistory[0]).toMatchObject({
      fullPath: '',
      token: '',
      validationRecords: [],
      challenges: [{ type: 'dns-01', fullPath: '_acme-challenge.example.com.' }],
    })
    expect(encode(dvHistoryVersions, 1, [])).toEqual({ results: [] })
  })
})
