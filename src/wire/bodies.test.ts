import { describe, expect, it } from 'vitest'
import { FINDINGS, SIGNING_REQUESTS, pemOf } from '../../test/support/sample-lifecycle.ts'
import { Problem } from '../errors/problem.ts'
import { certificateUploadVersions } from './certificate-upload.ts'
import { deploymentScheduleVersions } from './deployment-schedule.ts'
import { signingRequestVersions } from './signing-requests.ts'
import { warningsVersions } from './warnings.ts'

const wire = { spelling: 'coodinate', challengeRedirectBase: null } as const
const at = (text: string): number => Date.parse(text)

function fieldsOf(act: () => unknown): string[] {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem && error.code === 'validation-error')
      return error.errors.map(({ field }) => field)
    throw error
  }
  return []
}

describe('a deployment schedule', () => {
  const [row] = deploymentScheduleVersions
  const decode = (body: unknown) => row?.decode(body, null)

  it('is two times, each of which may be null, missing or a date', () => {
    expect(decode({})).toEqual({ notBefore: null, notAfter: null })
    expect(decode({ notBefore: null, notAfter: '2026-02-03' })).toEqual({
      notBefore: null,
      notAfter: at('2026-02-03T00:00:00Z'),
    })
    const both = { notBefore: '2026-01-02T03:04:05Z', notAfter: '2026-02-03T04:05:06Z' }
    expect(row?.encode(decode(both) as never, wire)).toEqual(both)
  })

  it.each([
    [{ notBefore: 'soon', notAfter: '2021-02-31' }, ['/notBefore', '/notAfter']],
    [{ notBefore: '', notAfter: 7 }, ['/notAfter']],
    [{ notBefore: '' }, ['/notBefore']],
    [{ notBefore: '2026-01-02', notAfter: '2026-01-02T00:00:00Z' }, ['/notAfter']],
    [{ notBefore: '2026-01-03', notAfter: '2026-01-02' }, ['/notAfter']],
    [[], ['']],
    [null, ['']],
  ])('is not %j', (body, fields) => {
    expect(fieldsOf(() => decode(body))).toEqual(fields)
  })
})

describe('warnings', () => {
  it('are one to a line, without a header', () => {
    expect(warningsVersions[0]?.encode(FINDINGS, wire)).toEqual({
      warnings: 'The first.\nThe second, over two lines.',
    })
  })
})

describe('signing requests', () => {
  it('are all there in v2, in their order, and the RSA one alone in v1', () => {
    const [v2, v1] = signingRequestVersions
    expect(v2?.encode(SIGNING_REQUESTS, wire)).toEqual({
      csrs: SIGNING_REQUESTS.map(({ keyAlgorithm, pem }) => ({ csr: pem, keyAlgorithm })),
    })
    expect(v1?.encode(SIGNING_REQUESTS, wire)).toEqual({ csr: SIGNING_REQUESTS[1]?.pem })
    expect(v1?.encode(SIGNING_REQUESTS.slice(0, 1), wire)).toEqual({ csr: null })
  })
})

describe('an upload', () => {
  const [v2, v1] = certificateUploadVersions

  it('keeps texts to the letter, and knows where each stood', () => {
    const rsa = { keyAlgorithm: 'RSA', certificate: pemOf('rsa'), trustChain: '' }
    const ecdsa = { keyAlgorithm: 'ECDSA', certificate: pemOf('ecdsa'), trustChain: pemOf('chain') }
    const nothing = { keyAlgorithm: 'ECDSA', certificate: null }
    expect(v2?.decode({ certificatesAndTrustChains: [ecdsa, rsa] }, null)).toEqual({
      uploads: [ecdsa, { ...rsa, trustChain: null }],
      pointers: ['/certificatesAndTrustChains/0', '/certificatesAndTrustChains/1'],
    })
    expect(v2?.decode({ certificatesAndTrustChains: [nothing, rsa] }, null)).toEqual({
      uploads: [{ ...rsa, trustChain: null }],
      pointers: ['/certificatesAndTrustChains/1'],
    })
    expect(v1?.decode({ certificate: pemOf('rsa') }, null)).toEqual({
      uploads: [{ ...rsa, trustChain: null }],
      pointers: [''],
    })
  })

  const E = '/certificatesAndTrustChains'
  const rsa = { keyAlgorithm: 'RSA', certificate: 'x' }
  it.each([
    [{}, [E]],
    [{ certificatesAndTrustChains: [] }, [E]],
    [{ certificatesAndTrustChains: [{ keyAlgorithm: 'RSA', certificate: ' ' }] }, [E]],
    [
      { certificatesAndTrustChains: [{ keyAlgorithm: 'DSA', certificate: 7, trustChain: 'a\0b' }] },
      [`${E}/0/certificate`, `${E}/0/keyAlgorithm`, `${E}/0/trustChain`],
    ],
    [
      { certificatesAndTrustChains: [{ certificate: 'x\ud800' }] },
      [`${E}/0/certificate`, `${E}/0/keyAlgorithm`],
    ],
    [{ certificatesAndTrustChains: [rsa, rsa] }, [`${E}/1/keyAlgorithm`]],
    [{ certificatesAndTrustChains: [rsa, rsa, rsa] }, [E]],
    [
      { certificatesAndTrustChains: [rsa, { keyAlgorithm: 'ECDSA', trustChain: 'x' }] },
      [`${E}/1/certificate`],
    ],
    [null, ['']],
  ])('is not %j', (body, fields) => {
    expect(fieldsOf(() => v2?.decode(body, null)).sort()).toEqual(fields)
  })

  it.each([
    [{}, ['/certificate']],
    [{ trustChain: 'x' }, ['/certificate']],
    [{ certificate: ['x'], trustChain: {} }, ['/certificate', '/trustChain']],
  ])('in v1 is not %j', (body, fields) => {
    expect(fieldsOf(() => v1?.decode(body, null))).toEqual(fields)
  })
})
