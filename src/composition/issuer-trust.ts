import type { AccountReference } from '../authority/acme/books.ts'
import type { IssuerTrust } from '../ports/certificate-authority.ts'
import type { LiveSettings } from './settings.ts'
import { rootsOf, type TrustedRootsSetting } from './trusted-roots.ts'

/** Its staging environment has roots of its own, which no system knows. */
const LETS_ENCRYPT = /^(?!acme-staging).*\bletsencrypt\.org$/

const GLOBAL = 'CERTRAIL_AUTHORITY_ROOTS'

/**
 * What each CA account is held to: its own `roots`, else CERTRAIL_AUTHORITY_ROOTS, else the system's for Let's Encrypt; another CA has roots that nobody
 * here knows of. Everything is read at start: a file that is missing or empty is told then.
 */
export async function issuerTrust({
  accounts,
  roots,
}: Pick<LiveSettings, 'accounts' | 'roots'>): Promise<(reference: AccountReference) => IssuerTrust> {
  const own = new Map<string, IssuerTrust>()
  for (const account of accounts) {
    if (account.roots !== null)
      own.set(account.name, await trustIn(account.roots, `authorities: "roots" of ${account.name}`))
  }
  const usual = roots === null ? null : await trustIn(roots, GLOBAL)
  const system = await trustIn({ kind: 'system' }, GLOBAL)
  return ({ name, directoryUrl }) =>
    own.get(name) ??
    usual ??
    (LETS_ENCRYPT.test(new URL(directoryUrl).hostname) ? system : { roots: 'any', isPublic: false })
}

const trustIn = async (setting: TrustedRootsSetting, who: string): Promise<IssuerTrust> =>
  setting.kind === 'any'
    ? { roots: 'any', isPublic: false }
    : { roots: await rootsOf(setting, who), isPublic: setting.kind === 'system' }
