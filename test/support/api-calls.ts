import { expect } from 'vitest'
import type { Answer, ApiUnderTest, Sending } from './api-under-test.ts'

/** The media type of one version of a CPS entity: `enrollment.v11`. */
export const cps = (entity: string): string => `application/vnd.akamai.cps.${entity}+json`

export const ENROLLMENTS = '/cps/v2/enrollments'

// oxlint-disable-next-line no-explicit-any -- tests look into answers by path
export const bodyOf = (answer: Answer): any => JSON.parse(answer.text)

export const fieldsOf = (answer: Answer): string[] =>
  bodyOf(answer)
    .errors.map((error: { field: string }) => error.field)
    .sort()

/** Every refusal is problem+json. */
export function expectRefusal(answer: Answer, status: number, title: string): void {
  expect(answer.status, answer.text).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(bodyOf(answer)).toMatchObject({ title, status })
}

/** With the entity of the body, that of the answer, or both. */
export function sending(
  body: unknown,
  types: { readonly sent?: string; readonly accept?: string } = {},
): Sending {
  return {
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      ...(types.sent === undefined ? {} : { 'content-type': cps(types.sent) }),
      ...(types.accept === undefined ? {} : { accept: cps(types.accept) }),
    },
  }
}

/** A DV enrollment as the Terraform provider sends it (spec: clients D2.1). */
export const dvEnrollment = (cn: string) => ({
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  certificateChainType: 'default',
  signatureAlgorithm: 'SHA-256',
  changeManagement: false,
  enableMultiStackedCertificates: false,
  csr: { cn, c: 'US', l: 'Cambridge', o: 'Example', ou: 'Edge', st: 'MA', sans: [`www.${cn}`] },
  networkConfiguration: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    mustHaveCiphers: 'ak-akamai-2020q1',
    preferredCiphers: 'ak-akamai-2020q1',
    ocspStapling: 'on',
    quicEnabled: false,
    sniOnly: true,
    dnsNameSettings: { cloneDnsNames: false, dnsNames: [`www.${cn}`] },
  },
  org: { name: 'Example', city: 'Cambridge' },
  adminContact: { firstName: 'R1', lastName: 'D1', email: 'r1@example.com', phone: '1' },
  techContact: { firstName: 'R2', lastName: 'D2', email: 'r2@example.com', phone: '2' },
})

export interface Created {
  readonly e: number
  readonly c: number
  /** Path of the enrollment. */
  readonly enrollment: string
  /** Path of its change. */
  readonly change: string
}

export async function createdBy(api: ApiUnderTest, cn: string): Promise<Created> {
  const answer = await api.call(
    'POST',
    `${ENROLLMENTS}?contractId=C-1`,
    sending(dvEnrollment(cn), { sent: 'enrollment.v11' }),
  )
  expect(answer.status, answer.text).toBe(202)
  const { enrollment, changes } = bodyOf(answer)
  const [, e, c] = /enrollments\/(\d+)\/changes\/(\d+)$/.exec(changes[0]) as unknown as string[]
  return { e: Number(e), c: Number(c), enrollment, change: changes[0] }
}
