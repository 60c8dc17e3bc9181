import type { TestClient, TestResponse } from './test-client.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

/** What the Terraform provider sends for a DV enrollment. */
export function dvEnrollment(
  cn: string,
  sans: readonly string[] = [],
  overrides: Record<string, unknown> = {},
) {
  const contact = { firstName: 'Test', lastName: 'Person', phone: '+1 555 0100', email: 'test@example.com' }
  return {
    ra: 'lets-encrypt',
    validationType: 'dv',
    certificateType: 'san',
    changeManagement: false,
    enableMultiStackedCertificates: false,
    signatureAlgorithm: 'SHA-256',
    csr: { cn, sans, c: 'US', st: 'MA', l: 'Cambridge', o: 'Example', ou: 'IT' },
    networkConfiguration: {
      geography: 'core',
      secureNetwork: 'enhanced-tls',
      quicEnabled: false,
      sniOnly: true,
      mustHaveCiphers: 'ak-akamai-2020q1',
      preferredCiphers: 'ak-akamai-2020q1',
      dnsNameSettings: { cloneDnsNames: true, dnsNames: [] },
    },
    org: {
      name: 'Example',
      phone: '+1 555 0100',
      addressLineOne: '1 Street',
      city: 'Cambridge',
      country: 'US',
    },
    adminContact: contact,
    techContact: contact,
    ...overrides,
  }
}

export interface Created {
  readonly enrollment: string
  readonly change: string
}

export async function createEnrollment(
  client: TestClient,
  contract: string,
  body: unknown,
): Promise<Created> {
  const response = await client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
    accept: cps('enrollment-status.v1'),
    contentType: cps('enrollment.v11'),
    body,
  })
  if (response.status !== 202) throw new Error(`${response.status} ${response.text}`)
  return { enrollment: response.body.enrollment, change: response.body.changes[0] }
}

export const acknowledgeChallenges = (client: TestClient, change: string): Promise<TestResponse> =>
  client.call('POST', `${change}/input/update/lets-encrypt-challenges-completed`, {
    accept: cps('change-id.v1'),
    contentType: cps('acknowledgement.v1'),
    body: { acknowledgement: 'acknowledge' },
  })

export const readChange = (client: TestClient, change: string, waitSeconds?: number): Promise<TestResponse> =>
  client.call('GET', change, {
    accept: cps('change.v2'),
    ...(waitSeconds !== undefined && { headers: { prefer: `wait=${waitSeconds}` } }),
  })

/** Follows the change with `Prefer: wait` until `done`; fails loudly after many looks. */
export async function followChange(
  client: TestClient,
  change: string,
  done: (statusInfo: { state: string; status: string; error: unknown }) => boolean,
): Promise<TestResponse> {
  for (let look = 0; look < 60; look += 1) {
    const response = await readChange(client, change, look === 0 ? undefined : 10)
    if (response.status !== 200) throw new Error(`${response.status} ${response.text}`)
    if (done(response.body.statusInfo)) return response
  }
  throw new Error('the change did not get there')
}
