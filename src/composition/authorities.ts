import type { AuthorityAccount } from '../authority/acme/account-choice.ts'
import { createAcmeAuthority } from '../authority/acme/acme-authority.ts'
import type { AcmeBooks } from '../authority/acme/books.ts'
import { createAcmeSend } from '../authority/acme/send.ts'
import { type AcmeServer, createAcmeServer } from '../authority/acme/server.ts'
import { Problem } from '../errors/problem.ts'
import type { CaaIdentity, CertificateAuthority } from '../ports/certificate-authority.ts'
import type { Clock } from '../ports/clock.ts'
import type { SpendOrder } from '../ports/order-budgets.ts'
import type { Pause } from '../ports/pause.ts'
import type { Secrets } from '../ports/secrets.ts'
import { isAllowed } from '../outbound/addresses.ts'
import type { Closers } from './closers.ts'
import { readText } from './files.ts'
import { issuerTrust } from './issuer-trust.ts'
import type { AuthorityAccountSettings, LiveSettings, ServiceSettings } from './settings.ts'

export interface LiveAuthorityParts {
  readonly live: LiveSettings
  readonly targets: ServiceSettings['targets']
  readonly books: AcmeBooks
  readonly secrets: Secrets
  readonly spendOrder: SpendOrder
  /** The real clock. */
  readonly clock: Clock
  readonly pause: Pause
  readonly closers: Closers
}

/** The CAs of live mode: one adapter over every configured account. */
export async function createLiveAuthority(parts: LiveAuthorityParts): Promise<CertificateAuthority> {
  const { live, targets, closers } = parts
  const accounts = await Promise.all(live.accounts.map(withKey))
  const trusted = new Set(accounts.map(({ directoryUrl }) => new URL(directoryUrl).origin))
  const send = createAcmeSend({
    trustedPem: live.caFile === null ? null : await readText(live.caFile, 'CERTRAIL_ACME_CA_FILE'),
    // Where a directory stands is the operator's word; where its answers lead is the CA's.
    allows: (address, origin) => trusted.has(origin) || isAllowed(address, targets),
  })
  const stop = new AbortController()
  closers.add('requests to certificate authorities', async () => {
    stop.abort()
    send.close()
  })
  const servers = new Map<string, AcmeServer>()
  const serverFor = (directoryUrl: string): AcmeServer => {
    const server = servers.get(directoryUrl) ?? createAcmeServer({ send, directoryUrl, clock: parts.clock })
    servers.set(directoryUrl, server)
    return server
  }
  const trustOf = await issuerTrust(live)
  return createAcmeAuthority({ ...parts, accounts, serverFor, trustOf, signal: stop.signal })
}

async function withKey({
  keyFile,
  externalAccount,
  roots: _roots,
  ...account
}: AuthorityAccountSettings): Promise<AuthorityAccount> {
  const who = `the CA account "${account.name}"`
  return {
    ...account,
    keyPem: keyFile === null ? null : await readText(keyFile, who),
    externalAccount:
      externalAccount === null
        ? null
        : { kid: externalAccount.kid, hmacKey: await hmacKeyOf(externalAccount.hmacKey, who) },
  }
}

type HmacKey = NonNullable<AuthorityAccountSettings['externalAccount']>['hmacKey']

const hmacKeyOf = async (given: HmacKey, who: string): Promise<string> =>
  'text' in given ? given.text : (await readText(given.file, who)).trim()

/** How CAA records know the CA of DV certificates. A look at names does not wait for a CA that cannot be asked. */
export async function identityOf(authority: CertificateAuthority): Promise<CaaIdentity | null> {
  try {
    return (await authority.caaIdentity?.(null)) ?? null
  } catch (error) {
    if (error instanceof Problem && error.code === 'authority-unavailable') return null
    throw error
  }
}
