import { type JwsKey, signJws } from './jws.ts'
import { Problem } from '../../errors/problem.ts'
import type { AcmeSession } from './session.ts'
import { post } from './session.ts'

/**
 * RFC 8555 section 7.3.5: the account gets another key; orders and authorizations stay its own. The session returned signs with the new one.
 * After a crash in between either key may be the account's: `findAccount` tells.
 */
export async function rollOver(
  session: AcmeSession,
  newKey: JwsKey,
  signal: AbortSignal,
): Promise<AcmeSession> {
  const { keyChange } = await session.server.directory(signal)
  if (keyChange === null)
    throw new Problem('authority-refused', { detail: 'The certificate authority offers no change of keys.' })
  await post(session, keyChange, rolloverPayload(session, newKey, keyChange), { signal })
  return { ...session, signer: { ...session.signer, key: newKey } }
}

/** The new key agrees by signing, the old one by signing that. */
export const rolloverPayload = ({ signer }: AcmeSession, newKey: JwsKey, url: string) =>
  signJws(newKey, { url, jwk: newKey.jwk }, { account: signer.accountUrl, oldKey: signer.key.jwk })
