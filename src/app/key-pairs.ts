import type { SecretContext } from '../ports/secrets.ts'
import type { KeyPairRecord } from '../ports/certificates.ts'

/** What a sealed private key is bound to. */
export const keyPairContext = (pair: Pick<KeyPairRecord, 'id' | 'accountId'>): SecretContext => ({
  account: pair.accountId,
  object: `key-pair:${pair.id}`,
  version: 1,
})
