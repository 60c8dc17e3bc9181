import { type KeyObject, createHash, createPublicKey } from 'node:crypto'
import type { AccountId } from '../../domain/identifiers.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import { openPrivateKey } from '../../pki/private-key.ts'
import type { SecretContext, Secrets } from '../../ports/secrets.ts'
import type { AuthorityRecords } from './records.ts'

export interface AccountKeyDeps {
  readonly records: AuthorityRecords
  readonly secrets: Secrets
}

/**
 * The thumbprint of the account's key at the sandbox CA (RFC 8555 section 8.1). The key is made once per account and kept, so that every
 * order of an account has the same one.
 */
export async function accountThumbprint(accountId: AccountId, deps: AccountKeyDeps): Promise<string> {
  const name = `account:${accountId}`
  const context: SecretContext = { account: accountId, object: `authority:${name}`, version: 1 }
  const record = (await deps.records.load(name)) ?? (await makeKey(name, context, deps))
  const privateKey = deps.secrets.open(record.sealedKey, context)
  return thumbprint(createPublicKey(openPrivateKey({ algorithm: 'ECDSA', privateKey })))
}

/** The same, read once per account: a key never changes. */
export function createThumbprints(deps: AccountKeyDeps): (accountId: AccountId) => Promise<string> {
  const known = new Map<AccountId, string>()
  return async (accountId) => {
    const found = known.get(accountId) ?? (await accountThumbprint(accountId, deps))
    known.set(accountId, found)
    return found
  }
}

const makeKey = (name: string, context: SecretContext, { records, secrets }: AccountKeyDeps) =>
  records.insertIfAbsent(name, {
    certificatePem: '',
    sealedKey: secrets.seal(generateEcKey().privateKey, context),
  })

/** RFC 7638 section 3: SHA-256 of the required members in lexical order, base64url. For EC keys. */
export function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
