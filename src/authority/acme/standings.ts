import type { Instant } from '../../domain/time.ts'
import type { AuthorityStanding } from '../../ports/certificate-authority.ts'
import { sentenceFor } from './action-hold.ts'
import type { AuthorityState, RequiredAction } from './books.ts'
import type { AcmeAuthorityDeps } from './desk.ts'

/** Every account of the configuration, in its order, with what the last requests showed. */
export async function standings({
  accounts,
  books,
  clock,
}: Pick<AcmeAuthorityDeps, 'accounts' | 'books' | 'clock'>): Promise<readonly AuthorityStanding[]> {
  const states = await books.states()
  const now = clock.now()
  return accounts.map(({ name, directoryUrl, validationTypes, orgId }) => {
    const known = states.find((one) => one.name === name && one.directoryUrl === directoryUrl)
    const shown = known === undefined ? null : judged(known, now)
    return { name, directoryUrl, validationTypes, orgId, ...(shown ?? NOTHING_KNOWN) }
  })
}

const HEALTHY = { state: 'healthy', limitedUntil: null, downSince: null, reason: null, action: null } as const
const NOTHING_KNOWN = { ...HEALTHY, accountUrl: null, isKeyChanging: false }

function judged(known: AuthorityState, now: Instant) {
  const { accountUrl, isKeyChanging, limitedUntil, downSince, reason, action } = known
  const account = { ...HEALTHY, accountUrl, isKeyChanging }
  // Neither time nor an answer ends it.
  if (action !== null) return { ...account, ...actionShown(known, action) }
  if (limitedUntil !== null && limitedUntil > now)
    return { ...account, state: 'limited' as const, limitedUntil, reason }
  if (downSince !== null) return { ...account, state: 'down' as const, downSince, reason }
  return account
}

const actionShown = (reference: AuthorityState, action: RequiredAction) => ({
  state: 'action-required' as const,
  reason: sentenceFor(reference, action),
  action: {
    since: action.since,
    instructionsUrl: action.instructionsUrl,
    termsUrl: action.termsUrl,
  },
})
