import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { dvEnrollment } from './enrollments.ts'
import type { TestClient, TestResponse } from './test-client.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

/** What the Terraform provider sends for a third-party enrollment, single-stacked unless told otherwise. */
export const thirdPartyEnrollment = (
  cn: string,
  sans: readonly string[] = [],
  overrides: Record<string, unknown> = {},
) => ({
  ...dvEnrollment(cn, sans),
  ra: 'third-party',
  validationType: 'third-party',
  certificateType: 'third-party',
  changeManagement: true,
  signatureAlgorithm: null,
  thirdParty: { excludeSans: false },
  ...overrides,
})

export const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256

export interface SentUpload {
  readonly keyAlgorithm: 'RSA' | 'ECDSA'
  readonly certificate: string
  readonly trustChain?: string
}

export const uploadTo = (
  client: TestClient,
  change: string,
  certificatesAndTrustChains: readonly SentUpload[],
): Promise<TestResponse> =>
  client.call('POST', `${change}/input/update/third-party-cert-and-trust-chain`, {
    accept: cps('change-id.v1'),
    contentType: cps('certificate-and-trust-chain.v2'),
    body: { certificatesAndTrustChains },
  })

export const readSigningRequests = (client: TestClient, change: string): Promise<TestResponse> =>
  client.call('GET', `${change}/input/info/third-party-csr`, { accept: cps('csr.v2') })

export const readChangeManagement = (client: TestClient, change: string): Promise<TestResponse> =>
  client.call('GET', `${change}/input/info/change-management-info`, {
    accept: cps('change-management-info.v5'),
  })

export const acknowledgeChangeManagement = (
  client: TestClient,
  change: string,
  hash?: string,
  acknowledgement = 'acknowledge',
): Promise<TestResponse> =>
  client.call('POST', `${change}/input/update/change-management-ack`, {
    accept: cps('change-id.v1'),
    contentType: cps(hash === undefined ? 'acknowledgement.v1' : 'acknowledgement-with-hash.v1'),
    body: { acknowledgement, ...(hash !== undefined && { hash }) },
  })

/** SHA-256 of the certificate that this address answers with for the name; null when it refuses the name. */
export function servedFingerprint(
  address: string,
  servername: string,
  rsaOnly = false,
): Promise<string | null> {
  const { hostname, port } = new URL(`tls://${address}`)
  return new Promise((resolve) => {
    const options = {
      host: hostname,
      port: Number(port),
      servername,
      rejectUnauthorized: false,
      ...(rsaOnly && { maxVersion: 'TLSv1.2' as const, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
    }
    const socket = connect(options, () => {
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      resolve(fingerprint256 ?? null)
    })
    socket.on('error', () => resolve(null))
  })
}
