import { setTimeout as pause } from 'node:timers/promises'
import type { GeneratedKey } from '../ports/key-material.ts'
import { generateRsaKey } from './key-material.ts'

export interface RsaKeyPoolOptions {
  readonly size?: number
  /** Default: RSA, 2048 bits, made off the event loop. */
  readonly generate?: () => Promise<GeneratedKey>
  /** Rest after each key made in advance: they cost 0.13 to 0.2 CPU-seconds each, and nobody waits for them. */
  readonly restMs?: number
}

export interface RsaKeyPool {
  /** From the pool, or made on demand when it is empty. Each key is given out once. */
  take(): Promise<GeneratedKey>
  /** Begins to make keys in advance: when the process serves, so that its start is not slower. Again: no effect. */
  start(): void
  /** Resolves when it holds as many as it may; at once when it is not running. */
  full(): Promise<void>
  size(): number
  /** Keys that nobody took are wiped. */
  close(): Promise<void>
}

const DEFAULT_SIZE = 8
const DEFAULT_REST_MS = 100

/** Keys lie here in plain memory only; whoever takes one seals it before anything is signed with it. */
export function createRsaKeyPool(options: RsaKeyPoolOptions = {}): RsaKeyPool {
  const { size = DEFAULT_SIZE, generate = generateRsaKey, restMs = DEFAULT_REST_MS } = options
  const keys: GeneratedKey[] = []
  const ended = new AbortController()
  let isStarted = false
  let filling: Promise<void> | null = null

  /** One at a time: the thread pool has other work. A failure ends the filling; the next `take` begins it again. */
  async function fill(): Promise<void> {
    while (keys.length < size && !ended.signal.aborted) {
      const key = await generate()
      if (ended.signal.aborted) wipe(key)
      else keys.push(key)
      await pause(restMs, undefined, { ref: false, signal: ended.signal }).catch(() => undefined)
    }
  }

  function refill(): void {
    if (!isStarted || ended.signal.aborted) return
    filling ??= fill()
      .catch(() => undefined)
      .finally(() => {
        filling = null
      })
  }

  return {
    async take() {
      const key = keys.shift()
      refill()
      return key ?? generate()
    },
    start() {
      isStarted = true
      refill()
    },
    full: async () => filling ?? undefined,
    size: () => keys.length,
    async close() {
      ended.abort()
      await filling
      for (const key of keys.splice(0)) wipe(key)
    },
  }
}

const wipe = ({ privateKey }: GeneratedKey): void => {
  privateKey.fill(0)
}
