import type { TestResponse } from '../../support/test-client.ts'
import type { Tenant } from './rig.ts'
import { cps } from './rig.ts'

export interface SdkRequest {
  readonly query?: Readonly<Record<string, string>>
  readonly accept: string
  readonly sent?: string
  readonly body?: unknown
}

export interface GoSdkClient {
  call(method: string, path: string, request: SdkRequest): Promise<TestResponse>
  acknowledge(change: string, update: string): Promise<TestResponse>
  /** GET change, as the SDK asks for it. */
  status(change: string): Promise<StatusAnswer>
}

export interface StatusAnswer {
  readonly state: string
  readonly status: string
  readonly description: string
  readonly errorText: string
  readonly inputs: readonly {
    readonly type: string
    readonly info: string
    readonly update: string
    readonly requiredToProceed: boolean
  }[]
}

const PROGRAM = 'Akamai-Open-Edgegrid-golang/11.0.0 golang/go1.23.6'

/** How the Go SDK words its requests (spec: clients D1, Transport): a Content-Type on every call, a query written anew in sorted order. */
export function createGoSdkClient(
  { client }: Pick<Tenant, 'client'>,
  options: { readonly accountKey?: string } = {},
): GoSdkClient {
  const call: GoSdkClient['call'] = (method, path, { query = {}, accept, sent, body }) => {
    const pairs = { ...query, ...(options.accountKey && { accountSwitchKey: options.accountKey }) }
    const sorted = Object.entries(pairs)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&')
    return client.call(method, sorted === '' ? path : `${path}?${sorted}`, {
      accept: cps(accept),
      ...(body !== undefined && { body }),
      headers: {
        'content-type': sent === undefined ? 'application/json' : cps(sent),
        'user-agent': PROGRAM,
        'accept-encoding': 'gzip',
      },
    })
  }
  return {
    call,
    acknowledge: (change, update) =>
      call('POST', `${change}/input/update/${update}`, {
        accept: 'change-id.v1',
        sent: 'acknowledgement.v1',
        body: { acknowledgement: 'acknowledge' },
      }),
    async status(change) {
      const { status, text, body } = await call('GET', change, { accept: 'change.v2' })
      if (status !== 200) throw new Error(text)
      const { statusInfo, allowedInput } = body
      return {
        state: statusInfo.state,
        status: statusInfo.status,
        description: statusInfo.description,
        errorText: statusInfo.error?.description ?? '',
        inputs: allowedInput,
      }
    },
  }
}
