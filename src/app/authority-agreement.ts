import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'
import type { AuthorityStandingView } from './views.ts'

/**
 * Own API: a person has done what a CA wanted (RFC 8555 section 7.3.3). What waited for that is tried again at once; if the CA still wants it, it says so again.
 * The account is the installation's, not a tenant's (`ofInstallation` in the act).
 */
export async function agreeAtAuthority(
  { store, clocks, authorityFor }: Dependencies,
  name: string,
): Promise<AuthorityStandingView> {
  const standing = await authorityFor('dv').agreed?.(name)
  if (standing === undefined || standing === null) throw new Problem('not-found')
  await store.transaction(async (tx) => {
    const waiting = await tx.changes.hasten('authority-action-required', clocks.lifecycle.now())
    for (const id of waiting) await tx.wake(id)
  })
  return standing
}
