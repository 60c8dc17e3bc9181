import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { followChange } from './enrollments.ts'
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.ts'
import { type Instance, makeHome, removeHome, startInstance } from './instance.ts'
import { freePort, hasPebble, type Pebble, type PebbleOptions, startPebble } from './pebble.ts'

export { hasPebble }

export const KID = 'kid-1'
export const HMAC_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'

export interface Live {
  readonly pebble: Pebble
  readonly proxy: AcmeProxy
  /** The one that runs now. */
  readonly instance: () => Instance
  /** Starts again on the same home, with the same ports. */
  restart(): Promise<Instance>
  close(): Promise<void>
}

export interface LiveOptions extends Partial<PebbleOptions> {
  readonly env?: Readonly<Record<string, string>>
}

/** Live mode as a user runs it, with a real ACME server that reaches our own HTTP port and DNS responder; a proxy stands between the two. */
export async function startLive({ env = {}, ...options }: LiveOptions = {}): Promise<Live> {
  const [httpPort, dnsPort, home] = await Promise.all([freePort(), freePort(), makeHome()])
  const pebble = await startPebble({ httpPort, dnsPort, nonceReject: 5, ...options })
  const proxy = await startAcmeProxy(pebble)
  const caFile = join(home, 'acme-ca.pem')
  await writeFile(caFile, proxy.caPem)
  const settings = {
    CERTRAIL_MODE: 'live',
    CERTRAIL_HOST: '127.0.0.1',
    CERTRAIL_HTTP_PORT: String(httpPort),
    CERTRAIL_DNS_PORT: String(dnsPort),
    CERTRAIL_RESOLVER: `127.0.0.1:${dnsPort}`,
    CERTRAIL_VALIDATION_HTTP_PORT: String(httpPort),
    CERTRAIL_VALIDATION_DNS_PORT: String(dnsPort),
    CERTRAIL_ACME_DIRECTORY: proxy.directoryUrl,
    CERTRAIL_ACME_CA_FILE: caFile,
    CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true',
    ...(options.externalAccounts === undefined
      ? {}
      : {
          CERTRAIL_OV_ACME_DIRECTORY: proxy.directoryUrl,
          CERTRAIL_OV_EAB_KID: KID,
          CERTRAIL_OV_EAB_HMAC: HMAC_KEY,
        }),
    ...env,
  }
  let instance = await startInstance(home, settings)
  return {
    pebble,
    proxy,
    instance: () => instance,
    async restart() {
      instance.client.close()
      instance = await startInstance(home, settings)
      return instance
    },
    async close() {
      instance.client.close()
      await instance.stop()
      await proxy.close()
      await pebble.close()
      await removeHome(home)
    },
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

/** What production serves of this enrollment: PEM of leaf and chain. */
export async function productionOf(
  live: Pick<Live, 'instance'>,
  enrollment: string,
): Promise<{ readonly certificate: string; readonly trustChain: string }> {
  const { body } = await live.instance().client.call('GET', `${enrollment}/deployments`, {
    accept: 'application/vnd.akamai.cps.deployments.v8+json',
  })
  return body.production.primaryCertificate
}

/** How many orders the CA has been asked for and has made. */
export const ordersOf = ({ pebble }: Pick<Live, 'pebble'>): number =>
  pebble.log().match(/Added order/g)?.length ?? 0
