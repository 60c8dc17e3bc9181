import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { Problem } from '../../errors/problem.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import { weaknessOf } from '../../pki/public-key.ts'
import type { SecretContext, Secrets } from '../../ports/secrets.ts'
import type { AuthorityAccount } from './account-choice.ts'
import type { AccountReference } from './books.ts'
import { createJwsKey, type JwsKey } from './jws.ts'

/** The keys of CA accounts, as they are kept: sealed, and bound to their account. */
export function createAccountKeys(secrets: Secrets) {
  const seal = (reference: AccountReference, der: Uint8Array): Uint8Array =>
    secrets.seal(der, contextOf(reference))
  return {
    /** A new P-256 key. */
    make: (reference: AccountReference): Uint8Array => seal(reference, generateEcKey().privateKey),
    /** An account that stands at the CA already is taken over with its key; null: none is configured. */
    import(reference: AccountReference, configured: AuthorityAccount | null): Uint8Array | null {
      const key = configured === null ? null : importedKey(configured)
      return key === null ? null : seal(reference, key)
    },
    open: (reference: AccountReference, sealed: Uint8Array): JwsKey =>
      createJwsKey(privateKeyOf(Buffer.from(secrets.open(sealed, contextOf(reference))))),
  }
}

export type AccountKeys = ReturnType<typeof createAccountKeys>

function importedKey({ keyPem, name }: AuthorityAccount): Uint8Array | null {
  if (keyPem === null) return null
  const key = readPrivateKey(keyPem, name)
  const weakness = weaknessOf(createPublicKey(key))
  if (weakness !== null)
    throw refused(`The key file of the account "${name}" holds a key that is no good. ${weakness}`)
  return key.export({ format: 'der', type: 'pkcs8' })
}

function readPrivateKey(pem: string, name: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw refused(`The key file of the account "${name}" holds no private key that can be read.`)
  }
}

/** Ours are SEC1, imported ones PKCS#8. */
function privateKeyOf(key: Buffer): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type: 'sec1' })
  } catch {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  }
}

const contextOf = ({ name, directoryUrl }: AccountReference): SecretContext => ({
  account: 'system',
  object: `acme-account:${name}:${directoryUrl}`,
  version: 1,
})

const refused = (detail: string): Problem => new Problem('authority-refused', { detail })
