import { mayBeStapled } from '../../domain/certificate/staple.ts'
import type { CertificateId } from '../../domain/identifiers.ts'
import type { Instant } from '../../domain/time.ts'
import type { KeptStaple } from '../../ports/staples.ts'
import { createRecentCache } from './recent-cache.ts'

/** What to staple to a certificate now; null: nothing. Never rejects. */
export type StapleFor = (id: CertificateId) => Promise<Uint8Array | null>

export interface StapleSource {
  readonly read: (id: CertificateId) => Promise<KeptStaple | null>
  readonly now: () => Instant
  /** How long what was read is believed; a source that fails leaves the last one in force. */
  readonly freshMs: number
}

/** A response has about a kilobyte. */
const MOST_REMEMBERED = 10_000

interface Remembered {
  staple: KeptStaple | null
  /** Null: not yet. */
  readAt: Instant | null
  reading: Promise<void> | null
}

/** Handshakes come by the thousand and answers change twice a week: one read for all of them, and none waits for a second one. */
export function createStapleFor({ read, now, freshMs }: StapleSource): StapleFor {
  const known = createRecentCache<CertificateId, Remembered>(MOST_REMEMBERED, () => {})

  function refresh(id: CertificateId, entry: Remembered): Promise<void> {
    entry.reading ??= read(id)
      .then((staple) => {
        entry.staple = staple
      })
      .catch(() => {})
      .then(() => {
        entry.readAt = now()
        entry.reading = null
      })
    return entry.reading
  }

  const shown = ({ staple }: Remembered): Uint8Array | null =>
    staple !== null && mayBeStapled(staple, now()) ? staple.response : null

  return async (id) => {
    const entry = known.obtain(id, () => ({ staple: null, readAt: null, reading: null }))
    const isStale = entry.readAt === null || now() - entry.readAt >= freshMs
    const reading = isStale ? refresh(id, entry) : entry.reading
    // The very first read is waited for: a certificate may demand a staple.
    if (entry.readAt === null) await reading
    return shown(entry)
  }
}
