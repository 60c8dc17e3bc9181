import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../observe/log.ts'

export interface Note {
  readonly channel: string
  readonly payload: string
}

/** `null`: the connection was lost and is back; whatever was told in between has to be looked up. */
export type NoteHandler = (note: Note | null) => void

export interface Listener {
  subscribe(handler: NoteHandler): () => void
  close(): Promise<void>
}

/** Who only listens does not notice that nobody speaks any more: so it asks. */
const ASKING = { askEveryMs: 10_000, answerWithinMs: 5_000 }
const RECONNECT_DELAYS_MS = [0, 100, 500, 1_000, 2_000, 5_000]

/** LISTEN on a connection of its own, made again when it is lost. Notifications are hints: every subscriber can live without one. */
export async function createListener(
  connectionString: string,
  channels: readonly string[],
  log: Logger,
  { askEveryMs, answerWithinMs } = ASKING,
): Promise<Listener> {
  const handlers = new Set<NoteHandler>()
  const tell: NoteHandler = (note) => {
    for (const handler of handlers) handler(note)
  }
  let closed = false
  const ended = new AbortController()
  let client: pg.Client | null = null
  let reconnecting: Promise<void> = Promise.resolve()
  client = await connect()

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString,
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    })
    fresh.on('error', (error) => log.warn({ err: error }, 'the notification connection was lost'))
    fresh.on('notification', ({ channel, payload }) => tell({ channel, payload: payload ?? '' }))
    const asking = setInterval(() => {
      fresh.query('select').catch(() => fresh.end())
    }, askEveryMs).unref()
    fresh.on('end', () => {
      clearInterval(asking)
      if (!closed && fresh === client) reconnecting = reconnect()
    })
    try {
      await fresh.connect()
      for (const channel of channels) await fresh.query(`listen ${pg.escapeIdentifier(channel)}`)
      return fresh
    } catch (error) {
      clearInterval(asking)
      fresh.end().catch(() => {})
      throw error
    }
  }

  async function reconnect(): Promise<void> {
    for (let attempt = 0; !closed; attempt += 1) {
      const delayMs = RECONNECT_DELAYS_MS[Math.min(attempt, RECONNECT_DELAYS_MS.length - 1)]
      await pause(delayMs, undefined, { signal: ended.signal }).catch(() => {})
      if (ended.signal.aborted) return
      try {
        client = await connect()
        tell(null)
        return
      } catch (error) {
        log.debug({ err: error, attempt }, 'the notification connection is not back yet')
      }
    }
  }

  return {
    subscribe(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    async close() {
      closed = true
      ended.abort()
      await reconnecting.catch(() => {})
      await client?.end().catch(() => {})
    },
  }
}
