import type { CaaVerdict } from './caa.ts'

/** Why a CA would refuse, for people; null: it would not. `where`: the name that has the records. */
export function caaRefusalText(
  where: string,
  verdict: CaaVerdict,
  issuers: readonly string[],
): string | null {
  const us = issuers.join(' or ')
  if (verdict.outcome === 'allowed') return null
  if (verdict.outcome === 'forbidden') return `The CAA records of ${where} allow no certificate authority.`
  if (verdict.outcome === 'unknown-critical')
    return `The CAA records of ${where} have a critical property that nobody knows: ${verdict.tag}.`
  const others = verdict.issuers.join(', ')
  if (verdict.outcome === 'other-issuer') return `The CAA records of ${where} allow ${others}, not ${us}.`
  return verdict.outcome === 'other-account'
    ? `The CAA records of ${where} allow ${us} for another account (accounturi).`
    : `The CAA records of ${where} allow ${us} by other methods alone (validationmethods).`
}
