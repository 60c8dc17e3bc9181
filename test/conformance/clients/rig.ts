import { appendFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Instance, makeHome, removeHome, startInstance } from '../../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../../support/outside-authority.ts'
import {
  createTestClient,
  type TestClient,
  type TestRequest,
  type TestResponse,
} from '../../support/test-client.ts'

/** The media type of one version of a CPS entity: `enrollment.v11`. */
export const cps = (entity: string): string => `application/vnd.akamai.cps.${entity}+json`

/** An answer that some client met, for whoever holds it against the published schema. */
export interface MetAnswer {
  readonly asked: string
  readonly entity: string
  readonly body: unknown
}

/** An account of its own for each client, so that none sees the enrollments of another. */
export interface Tenant {
  readonly accountId: string
  readonly contract: string
  readonly switchKey: string
  readonly client: TestClient
  /** The same credential, with the API under a host of the vendor's kind. */
  readonly vendorLike: TestClient
}

export interface ClientRig {
  readonly instance: Instance
  readonly authority: OutsideAuthority
  /** The installation's administrator, who may switch accounts. */
  readonly administrator: TestClient
  readonly met: readonly MetAnswer[]
  tenant(name: string): Promise<Tenant>
  close(): Promise<void>
}

/** A name that the PowerShell modules take for an EdgeGrid host (spec: clients D4.1). */
export const VENDOR_LIKE_HOST = 'akab-sandbox.luna.akamaiapis.net'

/** A real instance for client checklists. */
export async function createRig(settings: Readonly<Record<string, string>> = {}): Promise<ClientRig> {
  const home = await makeHome()
  const [instance, authority] = await Promise.all([
    startInstance(home, { CERTRAIL_API_NAMES: `localhost,127.0.0.1,${VENDOR_LIKE_HOST}`, ...settings }),
    makeOutsideAuthority(),
  ])
  const met: MetAnswer[] = []
  const opened: TestClient[] = []
  const recorded = (client: TestClient): TestClient => {
    opened.push(client)
    return recording(client, met)
  }
  return {
    instance,
    authority,
    administrator: recorded(instance.client),
    met,
    async tenant(name) {
      const own = (path: string, body: unknown) =>
        instance.client.call('POST', `/certrail/v1${path}`, { body })
      const account = await own('/accounts', { name, switchKey: `1-${name.toUpperCase()}:1-8BYUX` })
      expect(account.status, account.text).toBe(201)
      const { id, switchKey } = account.body
      const contract = await own(`/accounts/${id}/contracts`, { id: `C-${name.toUpperCase()}` })
      const { body } = await own(`/accounts/${id}/clients`, { role: 'admin', section: name })
      const { host } = instance.client
      await appendFile(join(home, 'edgerc'), edgercSection(name, host, body))
      const vendorHost = `${VENDOR_LIKE_HOST}:${new URL(`https://${host}`).port}`
      await appendFile(join(home, 'edgerc'), edgercSection(`${name}-vendor`, vendorHost, body))
      return {
        accountId: id,
        contract: contract.body.id,
        switchKey,
        client: recorded(await createTestClient(home, name)),
        vendorLike: recorded(await createTestClient(home, `${name}-vendor`, { lookup: toLoopback })),
      }
    },
    async close() {
      for (const client of opened) client.close()
      await authority.close()
      expect(await instance.stop()).toBe(0)
      await removeHome(home)
    },
  }
}

const toLoopback: LookupFunction = (_name, options, answer) => {
  if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }])
  else answer(null, '127.0.0.1', 4)
}

const edgercSection = (
  name: string,
  host: string,
  credential: { clientToken: string; clientSecret: string; accessToken: string },
): string =>
  [
    '',
    `[${name}]`,
    `host = ${host}`,
    `client_token = ${credential.clientToken}`,
    `client_secret = ${credential.clientSecret}`,
    `access_token = ${credential.accessToken}`,
    '',
  ].join('\n')

/** Contract: a mutating call answers when the change rests, or after one second. Below it the first look of a client must find it at rest. */
const ANSWERS_AT_THE_LATEST_MS = 900

/** Notes what clients meet; and where a mutating call has used up its second (a busy machine), lets the change come to rest before the client goes on. */
function recording(client: TestClient, met: MetAnswer[]): TestClient {
  async function call(method: string, path: string, options?: TestRequest): Promise<TestResponse> {
    const begun = performance.now()
    const answer = await client.call(method, path, options)
    const entity = /^application\/vnd\.akamai\.cps\.(.+)\+json/.exec(
      String(answer.headers['content-type']),
    )?.[1]
    if (entity !== undefined) met.push({ asked: `${method} ${path}`, entity, body: answer.body })
    const change = method === 'GET' ? undefined : (answer.body?.changes?.[0] ?? answer.body?.change)
    if (typeof change === 'string' && performance.now() - begun >= ANSWERS_AT_THE_LATEST_MS)
      await passPollInterval(
        client,
        change,
        new URL(path, 'https://host').searchParams.get('accountSwitchKey'),
      )
    return answer
  }
  return { ...client, call }
}

/** What happens while a client sleeps its 10 or 30 seconds: the change goes on until it rests. Nothing here sleeps. */
export async function passPollInterval(
  client: TestClient,
  change: string,
  switchKey: string | null = null,
): Promise<void> {
  const path = switchKey === null ? change : `${change}?accountSwitchKey=${encodeURIComponent(switchKey)}`
  for (let look = 0; look < 40; look += 1) {
    const { status, body } = await client.call('GET', path, {
      accept: cps('change.v2'),
      ...(look > 0 && { headers: { prefer: 'wait=5' } }),
    })
    if (status === 404 || !['new', 'running'].includes(body.statusInfo.state)) return
  }
  throw new Error(`${change} does not come to rest`)
}

export const lastSegment = (location: string): number => Number(location.split('/').at(-1))
