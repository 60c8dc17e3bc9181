import { DAY, HOUR, type Instant, instant, plus } from '../../domain/time.ts'
import { createRevocationList } from '../../pki/crl.ts'
import type { Clock } from '../../ports/clock.ts'
import type { RevokedCertificate } from '../../pki/crl.ts'
import type { LocalAuthority, SandboxHierarchy } from './hierarchy.ts'
import type { LocalRevocations } from './revocations.ts'

export interface AuthorityFile {
  readonly contentType: 'application/pkix-crl' | 'application/pkix-cert'
  /** DER (RFC 5280 section 4.2.1.13). */
  readonly body: Uint8Array
}

export interface AuthorityFiles {
  /** What `/ca/NAME.crl` and `/ca/NAME.cer` answer, for `sandbox-root` and `sandbox-intermediate`; null: 404. */
  find(fileName: string): Promise<AuthorityFile | null>
}

/** A new list each hour of the lifecycle clock, good for a week: clients that look rarely are never without one. */
const LIST_EVERY_MS = HOUR
const LIST_GOOD_FOR_MS = 7 * DAY

/** The sandbox CA's certificates and revocation lists. The service CA publishes nothing: its certificates point at nothing. */
export function createAuthorityFiles(deps: {
  readonly hierarchy: SandboxHierarchy
  readonly revocations: LocalRevocations
  readonly clock: Clock
}): AuthorityFiles {
  const authorities = [deps.hierarchy.root, deps.hierarchy.intermediate]
  return {
    async find(fileName) {
      const authority = authorities.find(({ authorityName }) => fileName.slice(0, -4) === authorityName)
      if (authority === undefined) return null
      if (fileName.endsWith('.cer'))
        return { contentType: 'application/pkix-cert', body: authority.certificateDer }
      if (fileName.endsWith('.crl')) {
        const revoked = authority.authorityName === 'sandbox-intermediate' ? await deps.revocations.all() : []
        return {
          contentType: 'application/pkix-crl',
          body: revocationList(authority, revoked, deps.clock.now()),
        }
      }
      return null
    },
  }
}

/** DER. A revocation begins a list of its own within the hour, so that two different lists never have one number. */
function revocationList(
  authority: LocalAuthority,
  revoked: readonly RevokedCertificate[],
  now: Instant,
): Uint8Array {
  const hour = Math.floor(now / LIST_EVERY_MS) * LIST_EVERY_MS
  const thisUpdate = instant(Math.max(hour, ...revoked.map(({ at }) => at)))
  return createRevocationList(
    { thisUpdate, nextUpdate: plus(thisUpdate, LIST_GOOD_FOR_MS), revoked },
    authority,
  )
}
