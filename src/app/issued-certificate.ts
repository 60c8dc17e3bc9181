import { disagreements } from '../domain/certificate/compare.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import type { Instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { IssuedCertificate, IssuerTrust } from '../ports/certificate-authority.ts'
import type { KeyPairRecord } from '../ports/certificates.ts'
import type { Dependencies } from './dependencies.ts'
import type { EffectContext } from './effects/outcome.ts'

/** Null: the certificate is what was asked for. Else a sentence that says what is wrong with it (invariant 4). */
export function differenceFromAsked(
  { deps, change }: Pick<EffectContext, 'deps' | 'change'>,
  keyPair: Pick<KeyPairRecord, 'signingRequestPem'>,
  issued: IssuedCertificate,
  { roots }: IssuerTrust,
): string | null {
  const reader = deps.certificates
  const now = deps.clocks.lifecycle.now()
  try {
    const wrong = disagreements(reader.read(issued.certificatePem), {
      dnsNames: requestedNames(change.settings),
      publicKeyFingerprint: reader.signingRequestKeyFingerprint(keyPair.signingRequestPem),
      now,
    })
    if (wrong.length > 0)
      return `The certificate authority answered with another certificate than asked for: ${wrong.join('; ')}.`
    return chainFault(issued, roots, reader, now)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return `The certificate authority answered with something that cannot be read: ${error.message}`
  }
}

function chainFault(
  { certificatePem, chainPem }: IssuedCertificate,
  roots: IssuerTrust['roots'],
  reader: Dependencies['certificates'],
  now: Instant,
): string | null {
  const [leaf] = reader.split(certificatePem)
  if (leaf === undefined) return 'The certificate authority answered without a certificate.'
  const intermediates = chainPem === '' ? [] : reader.split(chainPem)
  // RFC 8555 section 9.1: each certificate certifies the one before it; edges serve the chain as it came.
  const path = [leaf, ...intermediates]
  for (const [index, issuer] of intermediates.entries()) {
    const link = reader.verifyChain(path[index] ?? leaf, [], [issuer], now)
    if (!link.ok) return `The chain of the certificate is not in order: ${link.detail}`
  }
  if (roots === 'any') {
    return intermediates.length > 0 ? null : 'The certificate authority answered without a chain.'
  }
  const chain = reader.verifyChain(leaf, intermediates, roots, now)
  return chain.ok ? null : `The chain of the certificate does not hold: ${chain.detail}`
}
