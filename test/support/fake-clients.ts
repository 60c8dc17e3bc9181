import type { UseCases } from '../../src/app/use-cases.ts'
import type { ClientView } from '../../src/app/views.ts'
import type { AccountId } from '../../src/domain/identifiers.ts'
import { type Instant, instant } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'

const AT = instant(1_767_323_045_000)

type ClientUseCases = Pick<
  UseCases,
  'createClient' | 'listClients' | 'getClient' | 'changeClient' | 'addCredential' | 'retireCredential'
>

interface Kept {
  view: ClientView
  readonly account: AccountId
}

/** API clients over a map; whoever asks for those of another account hears that there are none. */
export function createFakeClients(): ClientUseCases {
  const kept = new Map<string, Kept>()
  let made = 0

  function find(caller: { readonly accountId: AccountId }, account: AccountId, id: string): Kept {
    const found = kept.get(id)
    if (account !== caller.accountId || found?.account !== account) throw new Problem('not-found')
    return found
  }
  const credential = (expiresAt: Instant | null): ClientView['credentials'][number] => ({
    clientToken: `ct-${(made += 1)}`,
    status: 'active',
    createdAt: AT,
    expiresAt,
    lastUsedAt: null,
  })
  const shown = ({ view }: Kept) => ({
    id: view.id,
    clientToken: view.credentials[0]?.clientToken ?? '',
    clientSecret: 'made-up',
    accessToken: 'at',
    role: view.role,
    name: view.name,
    expiresAt: view.credentials[0]?.expiresAt ?? null,
  })

  return {
    async createClient(_, account, { role, name, expiresAt }) {
      const view: ClientView = {
        id: `client-${(made += 1)}`,
        name: name ?? 'client',
        role,
        disabled: false,
        createdAt: AT,
        expiresAt,
        lastUsedAt: null,
        maySwitch: false,
        switchAccounts: [],
        credentials: [credential(null)],
      }
      const entry = { view, account }
      kept.set(view.id, entry)
      return { ...shown(entry), expiresAt }
    },
    async listClients(caller, account) {
      if (account !== caller.accountId) throw new Problem('not-found')
      return [...kept.values()].filter((entry) => entry.account === account).map(({ view }) => view)
    },
    getClient: async (caller, account, id) => find(caller, account, id).view,
    async changeClient(caller, account, { id, changes }) {
      const entry = find(caller, account, id)
      entry.view = { ...entry.view, ...changes }
      return entry.view
    },
    async addCredential(caller, account, { id, expiresAt }) {
      const entry = find(caller, account, id)
      if (entry.view.credentials.filter(({ status }) => status === 'active').length === 2)
        throw new Problem('too-many-credentials')
      entry.view = { ...entry.view, credentials: [credential(expiresAt), ...entry.view.credentials] }
      return shown(entry)
    },
    async retireCredential(caller, account, { id, clientToken }) {
      const entry = find(caller, account, id)
      const credentials = entry.view.credentials.map((one) =>
        one.clientToken === clientToken ? { ...one, status: 'retired' as const } : one,
      )
      if (!credentials.some((one) => one.clientToken === clientToken)) throw new Problem('not-found')
      entry.view = { ...entry.view, credentials }
      return entry.view
    },
  }
}
