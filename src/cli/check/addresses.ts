import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

export type Addresses =
  | { readonly found: true; readonly addresses: readonly string[] }
  | {
      readonly found: false
      /** The watchdog's own resolver is at fault, so that nothing is known of the name. */
      readonly unknown: boolean
      readonly reason: string
    }

/** Every address of a host, as clients on this machine find them (hosts file and resolver). */
export async function addressesOf(host: string, timeoutMs: number): Promise<Addresses> {
  if (isIP(host) !== 0) return { found: true, addresses: [host] }
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<Addresses>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer(host)), timeoutMs)
  })
  return Promise.race([lookedUp(host), silence]).finally(() => clearTimeout(timer))
}

async function lookedUp(host: string): Promise<Addresses> {
  try {
    const found = await lookup(host, { all: true })
    return { found: true, addresses: [...new Set(found.map(({ address }) => address))] }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOTFOUND' || code === 'ENODATA'
      ? { found: false, unknown: false, reason: `${host} has no address` }
      : noAnswer(host)
  }
}

const noAnswer = (host: string): Addresses => ({
  found: false,
  unknown: true,
  reason: `the resolver of this machine does not answer for ${host}`,
})
