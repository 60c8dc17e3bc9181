import { expect } from 'vitest'
import { dvBody, thirdPartyBody } from './bodies.ts'
import type { GoSdkClient } from './go-sdk-client.ts'
import { type ClientRig, passPollInterval, type Tenant } from './rig.ts'

export interface Started {
  readonly enrollment: string
  readonly change: string
}

/** Where a client's checklist begins further on: the enrollment as the Go SDK makes it. */
export async function startEnrollment(
  sdk: GoSdkClient,
  { contract }: Pick<Tenant, 'contract'>,
  body: unknown,
): Promise<Started> {
  const answer = await sdk.call('POST', '/cps/v2/enrollments', {
    query: { contractId: contract },
    accept: 'enrollment-status.v1',
    sent: 'enrollment.v11',
    body,
  })
  expect(answer.status, answer.text).toBe(202)
  return { enrollment: answer.body.enrollment, change: answer.body.changes[0] }
}

/** A DV enrollment that is live on both networks. */
export async function liveDv(sdk: GoSdkClient, tenant: Tenant, cn: string, changes = {}): Promise<Started> {
  const started = await startEnrollment(sdk, tenant, dvBody(cn, [], changes))
  await sdk.acknowledge(started.change, 'lets-encrypt-challenges-completed')
  await passPollInterval(tenant.client, started.change)
  const { status } = await sdk.status(started.change)
  if (status === 'wait-ack-change-management') {
    await sdk.acknowledge(started.change, 'change-management-ack')
    await passPollInterval(tenant.client, started.change)
  }
  expect(await sdk.status(started.change)).toMatchObject({ state: 'completed', status: 'complete' })
  return started
}

export interface Signed {
  readonly keyAlgorithm: 'RSA' | 'ECDSA'
  readonly certificate: string
  readonly trustChain: string
}

/** What the customer's CA makes of the requests that the change shows. ECDSA first, as the Terraform provider uploads. */
export async function signRequests(
  sdk: GoSdkClient,
  { authority }: ClientRig,
  change: string,
): Promise<Signed[]> {
  const { status, text, body } = await sdk.call('GET', `${change}/input/info/third-party-csr`, {
    accept: 'csr.v2',
  })
  expect(status, text).toBe(200)
  const requests: { csr: string; keyAlgorithm: 'RSA' | 'ECDSA' }[] = body.csrs
  const signed: Signed[] = []
  for (const { csr, keyAlgorithm } of requests.toSorted((a, b) =>
    a.keyAlgorithm.localeCompare(b.keyAlgorithm),
  ))
    signed.push({
      keyAlgorithm,
      certificate: await authority.sign(csr),
      trustChain: authority.intermediatePem,
    })
  return signed
}

export const uploadBy = (sdk: GoSdkClient, change: string, certificatesAndTrustChains: readonly unknown[]) =>
  sdk.call('POST', `${change}/input/update/third-party-cert-and-trust-chain`, {
    accept: 'change-id.v1',
    sent: 'certificate-and-trust-chain.v2',
    body: { certificatesAndTrustChains },
  })

/** An upload that is sure to be reviewed: the root instead of the intermediate as its chain. */
export const reviewed = (rig: ClientRig, signed: readonly Signed[]): Signed[] =>
  signed.map((one) => ({ ...one, trustChain: rig.authority.rootPem }))

export const startThirdParty = (sdk: GoSdkClient, tenant: Tenant, cn: string, changes = {}) =>
  startEnrollment(sdk, tenant, thirdPartyBody(cn, [], changes))

/** A third-party enrollment that is live on both networks, with change management off. */
export async function liveThirdParty(
  rig: ClientRig,
  sdk: GoSdkClient,
  tenant: Tenant,
  cn: string,
): Promise<Started & { readonly signed: readonly Signed[] }> {
  const started = await startThirdParty(sdk, tenant, cn)
  const signed = await signRequests(sdk, rig, started.change)
  expect((await uploadBy(sdk, started.change, signed)).status).toBe(200)
  await passPollInterval(tenant.client, started.change)
  expect((await sdk.status(started.change)).status).toBe('complete')
  return { ...started, signed }
}
