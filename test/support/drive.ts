import { acknowledgeChallenges, readChange } from './enrollments.ts'
import type { Instance } from './instance.ts'
import type { OutsideAuthority } from './outside-authority.ts'
import { acknowledgeChangeManagement, readSigningRequests, uploadTo } from './third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const MOST_STEPS = 80

export interface Driven {
  readonly state: string
  readonly status: string
  /** Every status seen on the way, in order, without repeats. */
  readonly passed: readonly string[]
}

/** Does for a change what a person would have to do at each wait, until it ends; what it does is decided by `allowedInput` alone. */
export async function driveToItsEnd(
  instance: Instance,
  change: string,
  authority: OutsideAuthority,
): Promise<Driven> {
  const { client } = instance
  const passed: string[] = []
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const response = await readChange(client, change, step === 0 ? undefined : 2)
    if (response.status === 404) return { state: 'gone', status: 'gone', passed }
    const { statusInfo, allowedInput } = response.body
    if (passed.at(-1) !== statusInfo.status) passed.push(statusInfo.status)
    if (
      statusInfo.state === 'completed' ||
      statusInfo.state === 'cancelled' ||
      statusInfo.state === 'error'
    ) {
      return { state: statusInfo.state, status: statusInfo.status, passed }
    }
    const [input] = allowedInput
    if (input !== undefined) await answer(instance, change, input, authority)
  }
  throw new Error(`the change did not end; it passed ${passed.join(', ')}`)
}

async function answer(
  { client }: Instance,
  change: string,
  input: { readonly type: string; readonly update: string },
  authority: OutsideAuthority,
): Promise<void> {
  if (input.type === 'lets-encrypt-challenges') {
    await acknowledgeChallenges(client, change)
  } else if (input.type === 'third-party-certificate') {
    const { body } = await readSigningRequests(client, change)
    const requests: { csr: string; keyAlgorithm: 'RSA' | 'ECDSA' }[] = body.csrs
    const uploads = []
    for (const { csr, keyAlgorithm } of requests) {
      uploads.push({
        keyAlgorithm,
        certificate: await authority.sign(csr),
        trustChain: authority.intermediatePem,
      })
    }
    const uploaded = await uploadTo(client, change, uploads)
    if (uploaded.status !== 200) throw new Error(uploaded.text)
  } else if (input.type === 'change-management') {
    await acknowledgeChangeManagement(client, change)
  } else {
    await client.call('POST', input.update, {
      accept: cps('change-id.v1'),
      contentType: cps('acknowledgement.v1'),
      body: { acknowledgement: 'acknowledge' },
    })
  }
}
