import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Created, followChange, readChange } from './enrollments.ts'
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.ts'
import { createForwarder, type Forwarder } from './forwarder.ts'
import { type Instance, makeHome, removeHome, startInstance } from './instance.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { hasPebble, type Pebble, type PebbleOptions, startPebble } from './pebble.ts'

export { hasPebble }

export const KID = 'kid-1'
export const HMAC_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'

export interface Live {
  readonly pebble: Pebble
  readonly proxy: AcmeProxy
  /** What the CA has to pass to reach our HTTP port; our own looks do not. */
  readonly way: Forwarder
  /** The one that runs now. */
  readonly instance: () => Instance
  /** Starts again on the same home, with the same ports; `env` for this one start. */
  restart(env?: Readonly<Record<string, string>>): Promise<Instance>
  /** Also waits for a start that is on its way, so that no process stays behind; nothing is started afterwards. */
  close(): Promise<void>
}

export interface LiveOptions extends Partial<PebbleOptions> {
  readonly env?: Readonly<Record<string, string>>
  /** Writes into the home before the first start; what it returns is added to the settings. */
  readonly prepare?: (parts: Prepared) => Promise<Readonly<Record<string, string>>>
}

interface Prepared {
  readonly home: string
  readonly pebble: Pebble
  readonly proxy: AcmeProxy
}

/** Live mode as a user runs it, with a real ACME server that reaches our own HTTP port and DNS responder; a proxy stands between the two. */
export async function startLive(options: LiveOptions = {}): Promise<Live> {
  const closing: (() => Promise<unknown>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  try {
    const { settings, home, ...outside } = await surroundings(options, closing)
    const process = await startProcess(home, settings)
    closing.push(process.close)
    return { ...outside, ...process, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

type Settings = Readonly<Record<string, string>>

/** What stands around the instance; each part is closed by what it adds to `closing`. */
async function surroundings(
  { env = {}, prepare, ...options }: LiveOptions,
  closing: (() => Promise<unknown>)[],
) {
  const [httpPort, dnsPort, home] = await Promise.all([freePort(), freePort(), makeHome()])
  closing.push(() => removeHome(home))
  const way = await createForwarder({ host: '127.0.0.1', port: httpPort })
  closing.push(() => way.close())
  const seenPort = Number(way.address.split(':')[1])
  const pebble = await startPebble({ httpPort: seenPort, dnsPort, nonceReject: 5, ...options })
  closing.push(() => pebble.close())
  const proxy = await startAcmeProxy(pebble)
  closing.push(() => proxy.close())
  const caFile = join(home, 'acme-ca.pem')
  await writeFile(caFile, proxy.caPem)
  const settings: Settings = {
    CERTRAIL_MODE: 'live',
    // Tests look often; the limits of the API have tests of their own.
    CERTRAIL_RATE_LIMITS: 'off',
    CERTRAIL_HOST: '127.0.0.1',
    CERTRAIL_HTTP_PORT: String(httpPort),
    CERTRAIL_DNS_PORT: String(dnsPort),
    CERTRAIL_RESOLVER: `127.0.0.1:${dnsPort}`,
    CERTRAIL_VALIDATION_HTTP_PORT: String(httpPort),
    CERTRAIL_VALIDATION_DNS_PORT: String(dnsPort),
    CERTRAIL_ACME_DIRECTORY: proxy.directoryUrl,
    CERTRAIL_ACME_CA_FILE: caFile,
    CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true',
    ...(options.externalAccounts === undefined ? {} : await bindAccounts(home, proxy.directoryUrl)),
    ...(await prepare?.({ home, pebble, proxy })),
    ...env,
  }
  return { settings, home, way, pebble, proxy }
}

async function startProcess(
  home: string,
  settings: Settings,
): Promise<Pick<Live, 'instance' | 'restart' | 'close'>> {
  let instance = await startInstance(home, settings)
  let starting: Promise<unknown> = Promise.resolve()
  let isClosed = false
  return {
    instance: () => instance,
    restart(once = {}) {
      if (isClosed) return Promise.reject(new Error('the test has ended'))
      instance.client.close()
      const started = startInstance(home, { ...settings, ...once })
      starting = started.then(
        (next) => {
          instance = next
        },
        () => undefined,
      )
      return started.then(async (next) => {
        await starting
        return next
      })
    },
    async close() {
      isClosed = true
      await starting
      instance.client.close()
      await instance.stop()
    },
  }
}

/** DV by an account of the configuration, OV by the settings; both secrets stand in a file. */
async function bindAccounts(home: string, directory: string): Promise<Readonly<Record<string, string>>> {
  await writeFile(join(home, 'eab'), `${HMAC_KEY}\n`)
  const externalAccount = { kid: KID, hmacKeyFile: 'eab' }
  const account = { name: 'bound', directory, validationTypes: ['dv'], externalAccount }
  await writeFile(join(home, 'certrail.config.json'), JSON.stringify({ authorities: [account] }))
  return {
    CERTRAIL_OV_ACME_DIRECTORY: directory,
    CERTRAIL_OV_EAB_KID: KID,
    CERTRAIL_OV_EAB_HMAC_FILE: join(home, 'eab'),
  }
}

const WAITS_FOR_NOBODY = new Set(['complete', 'cancelled', 'check-for-cert-error'])

/** Where the change comes to rest: ended, refused by the CA, or waiting for somebody who has to look at what was issued. */
export async function endOfChange(live: Pick<Live, 'instance'>, change: string): Promise<StatusInfo> {
  const isAtRest = ({ status, state }: StatusInfo): boolean =>
    WAITS_FOR_NOBODY.has(status) || state === 'error' || status.startsWith('wait-')
  const { body } = await followChange(live.instance().client, change, isAtRest)
  return body.statusInfo
}

interface StatusInfo {
  readonly status: string
  readonly state: string
  readonly error: unknown
}

/** The enrollment of this common name and its open change, as somebody finds them who did not hear the answer to the POST. */
export async function openChange({ instance }: Pick<Live, 'instance'>, cn: string): Promise<Created> {
  const { client, ready } = instance()
  const { body } = await client.call('GET', `/cps/v2/enrollments?contractId=${ready.contract}`, {
    accept: 'application/vnd.akamai.cps.enrollments.v11+json',
  })
  const found = body.enrollments.find((one: { csr: { cn: string } }) => one.csr.cn === cn)
  return { enrollment: found.location, change: found.pendingChanges[0].location }
}

/** The operator's part of OV, as soon as the change waits for it. */
export async function approveOrganization(live: Pick<Live, 'instance'>, change: string): Promise<void> {
  const { client } = live.instance()
  const body = { decision: 'approve' }
  await followChange(client, change, ({ status }) => status === 'check-for-cert')
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const answer = await client.call('POST', `${change.replace('/cps/v2', '/certrail/v1')}/vetting`, { body })
    if (answer.status !== 404) return
    await readChange(client, change, 1)
  }
  throw new Error('nobody waits for an approval')
}

/** Of a second each: longer than anybody has to wait on a machine that does much else. */
const MOST_LOOKS = 300

/** What was found about the issued certificate is accepted. */
export const acknowledgeIssued = ({ instance }: Pick<Live, 'instance'>, change: string) =>
  instance().client.call('POST', `${change}/input/update/post-verification-warnings-ack`, {
    accept: 'application/vnd.akamai.cps.change-id.v1+json',
    contentType: 'application/vnd.akamai.cps.acknowledgement.v1+json',
    body: { acknowledgement: 'acknowledge' },
  })

/** What production serves of this enrollment: PEM of leaf and chain. */
export async function productionOf(
  live: Pick<Live, 'instance'>,
  enrollment: string,
): Promise<{ readonly certificate: string; readonly trustChain: string } | null> {
  const { body } = await live.instance().client.call('GET', `${enrollment}/deployments`, {
    accept: 'application/vnd.akamai.cps.deployments.v8+json',
  })
  return body.production?.primaryCertificate ?? null
}

/** How many of them the CA has ended since a name could not be validated, as happens when a busy machine keeps it waiting for too long. */
export const refusedOrdersOf = ({ pebble }: Pick<Live, 'pebble'>): number =>
  new Set([...pebble.log().matchAll(/order (\S+) set INVALID/g)].map(([, id]) => id)).size

/** How many orders the CA has been asked for and has made. */
export const ordersOf = ({ pebble }: Pick<Live, 'pebble'>): number =>
  pebble.log().match(/Added order/g)?.length ?? 0
