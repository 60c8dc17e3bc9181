import { acknowledgeChallenges, readChange } from './enrollments.ts'
import type { Instance } from './instance.ts'
import type { OutsideAuthority } from './outside-authority.ts'
import type { TestClient, TestResponse } from './test-client.ts'
import { acknowledgeChangeManagement, readSigningRequests, uploadTo } from './third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const MOST_STEPS = 80

export interface Driven {
  readonly state: string
  readonly status: string
  /** Every status seen on the way, in order, without repeats. */
  readonly passed: readonly string[]
}

const ENDS = ['completed', 'cancelled', 'error']

/**
 * Does for a change what a person would have to do at each wait, until it ends; what it does is decided by `allowedInput` alone. `cancelAt`: the status
 * where it is cancelled instead, as soon as it rests there.
 */
export async function driveToItsEnd(
  instance: Instance,
  change: string,
  authority: OutsideAuthority,
  cancelAt?: string,
): Promise<Driven> {
  const { client } = instance
  const passed: string[] = []
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const response = await readChange(client, change, step === 0 ? undefined : 2)
    if (response.status === 404) return { state: 'gone', status: 'gone', passed }
    const { statusInfo, allowedInput } = response.body
    if (passed.at(-1) !== statusInfo.status) passed.push(statusInfo.status)
    const [input] = allowedInput
    const rests = input !== undefined || statusInfo.state === 'error'
    if (statusInfo.status === cancelAt && isOpen(statusInfo)) {
      if (rests) await client.call('DELETE', change, { accept: cps('change-id.v1') })
      continue
    }
    if (ENDS.includes(statusInfo.state)) return { state: statusInfo.state, status: statusInfo.status, passed }
    if (input !== undefined) await answer(instance, change, input, authority)
  }
  throw new Error(`the change did not end; it passed ${passed.join(', ')}`)
}

const isOpen = ({ state }: { readonly state: string }) => state !== 'completed' && state !== 'cancelled'

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
    await mustMove(client, change, input.type, await uploadTo(client, change, uploads))
  } else if (input.type === 'change-management') {
    await mustMove(client, change, input.type, await acknowledgeChangeManagement(client, change))
  } else {
    const acknowledged = await client.call('POST', input.update, {
      accept: cps('change-id.v1'),
      contentType: cps('acknowledgement.v1'),
      body: { acknowledgement: 'acknowledge' },
    })
    await mustMove(client, change, input.type, acknowledged)
  }
}

/** After a 200 the next GET does not ask for the same any more (spec: behaviour C4). */
async function mustMove(client: TestClient, change: string, asked: string, answered: TestResponse) {
  if (answered.status !== 200) throw new Error(`${answered.status} ${answered.text}`)
  const { body } = await readChange(client, change)
  if (body.allowedInput?.[0]?.type === asked) throw new Error(`still asks for ${asked} after a 200`)
}
