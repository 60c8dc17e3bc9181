import { clientSecretContext, createAccount } from '../app/accounts.ts'
import type { Dependencies } from '../app/dependencies.ts'
import { type AccountId, isChosenId } from '../domain/identifiers.ts'
import { type CredentialLookup, createVerifier, type Verifier } from '../edgegrid/verify.ts'
import { every } from '../jobs/every.ts'
import { createCredentials } from '../store/credentials.ts'
import type { ServiceParts } from './services.ts'

const NONCE_PURGE_EVERY_MS = 60_000

export function startVerifier({ foundation, closers, log }: ServiceParts, deps: Dependencies): Verifier {
  const { db, secrets, clocks } = foundation
  const credentials = createCredentials(db, { secrets, real: clocks.real, contextOf: clientSecretContext })
  const purge = every(NONCE_PURGE_EVERY_MS, () => credentials.purgeNonces(), log)
  closers.add('nonce purge', () => purge.close())
  const switchTo: CredentialLookup['switchTo'] = async (credential, switchKey) =>
    (await credentials.switchTo(credential, switchKey)) ??
    (deps.adopts && credential.switchesTo === 'any' ? adoptSwitchKey(deps, switchKey) : null)
  return createVerifier({ credentials: { ...credentials, switchTo }, clock: clocks.real })
}

/** Null: nothing that anybody would give to an account. */
async function adoptSwitchKey(deps: Dependencies, switchKey: string): Promise<AccountId | null> {
  if (!isChosenId(switchKey)) return null
  const accounts = {
    accounts: deps.store.read.accounts,
    clients: deps.store.read.clients,
    random: deps.random,
    secrets: deps.secrets,
    clock: deps.clocks.real,
  }
  try {
    const { id } = await createAccount(accounts, { name: switchKey, switchKey })
    deps.observer.adopted({ kind: 'switch key', id: switchKey, accountId: id })
    return id
  } catch (error) {
    // Another call with the same key was faster.
    const standing = await accounts.accounts.bySwitchKey(switchKey)
    if (standing === null) throw error
    return standing.id
  }
}
