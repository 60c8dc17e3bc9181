import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'node:tls'

/** Between two looks; a handshake takes a few milliseconds. */
const LOOK_EVERY_MS = 40

export interface Watch {
  /** What a client saw, in order, without repeats: fingerprints, and `refused` for a name that is not served. */
  end(): Promise<readonly string[]>
}

/** Asks an address for a name again and again, as clients do. Looks that found nobody listening are left out: that process is gone. */
export const watchProduction = (address: string, name: string, everyMs = LOOK_EVERY_MS): Watch =>
  watch(async () => lookAt(address, name), everyMs)

/** The same where nobody may ever be away: a connection that is not taken is `nobody`. */
export const watchWithoutGaps = (address: string, name: string, everyMs = LOOK_EVERY_MS): Watch =>
  watch(async () => (await lookAt(address, name)) ?? 'nobody', everyMs)

function watch(lookOnce: () => Promise<string | null>, everyMs: number): Watch {
  const seen: string[] = []
  let ended = false
  const look = async () => {
    const now = await lookOnce()
    if (now !== null && now !== seen.at(-1)) seen.push(now)
  }
  const watching = (async () => {
    while (!ended) {
      await look()
      await pause(everyMs)
    }
  })()
  return {
    async end() {
      ended = true
      await watching
      await look()
      return seen
    },
  }
}

function lookAt(address: string, servername: string): Promise<string | null> {
  const { hostname, port } = new URL(`tls://${address}`)
  return new Promise((resolve) => {
    const socket = connect(
      { host: hostname, port: Number(port), servername, rejectUnauthorized: false },
      () => {
        const { fingerprint256 } = socket.getPeerCertificate()
        socket.destroy()
        resolve(fingerprint256 ?? null)
      },
    )
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code?.includes('UNRECOGNIZED_NAME') === true ? 'refused' : null),
    )
  })
}
