import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HMAC_KEY, KID, type LiveOptions } from './live-instance.ts'

/** How a CA is with proofs and accounts; what a test of the whole system is held to with each. */
export interface AuthorityKind {
  /** Whether it takes a proof that stands instead of asking for another one. */
  readonly reuses: boolean
  /** Whether its accounts need an external one (RFC 8555 section 7.3.4). */
  readonly binds: boolean
}

export const AUTHORITY_KINDS: readonly AuthorityKind[] = [true, false].flatMap((reuses) =>
  [false, true].map((binds) => ({ reuses, binds })),
)

/** DV and OV are ordered from the same one. */
export const liveOptionsOf = ({ reuses, binds }: AuthorityKind): LiveOptions => ({
  authorizationReuse: reuses ? 100 : 0,
  ...(binds ? { externalAccounts: { [KID]: HMAC_KEY } } : {}),
  prepare: async ({ home, proxy }) => {
    // The settings know no account for OV without a binding; the configuration does.
    const account = { name: 'unbound', directory: proxy.directoryUrl, validationTypes: ['ov'] }
    if (!binds)
      await writeFile(join(home, 'certrail.config.json'), JSON.stringify({ authorities: [account] }))
    return {}
  },
})
