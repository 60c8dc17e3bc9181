import { DAY, HOUR, type Instant, instant, plus } from '../../domain/time.ts'
import { createRevocationList } from '../../pki/crl.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LocalAuthority, SandboxHierarchy } from './hierarchy.ts'

export interface AuthorityFile {
  readonly contentType: 'application/pkix-crl' | 'application/pkix-cert'
  /** DER (RFC 5280 section 4.2.1.13). */
  readonly body: Uint8Array
}

export interface AuthorityFiles {
  /** What `/ca/NAME.crl` and `/ca/NAME.cer` answer, for `sandbox-root` and `sandbox-intermediate`; null: 404. */
  find(fileName: string): AuthorityFile | null
}

/** A new list each hour of the lifecycle clock, good for a week: clients that look rarely are never without one. */
const LIST_EVERY_MS = HOUR
const LIST_GOOD_FOR_MS = 7 * DAY

/** The sandbox CA's certificates and revocation lists. The service CA publishes nothing: its certificates point at nothing. */
export function createAuthorityFiles(deps: {
  readonly hierarchy: SandboxHierarchy
  readonly clock: Clock
}): AuthorityFiles {
  const authorities = [deps.hierarchy.root, deps.hierarchy.intermediate]
  return {
    find(fileName) {
      const authority = authorities.find(({ authorityName }) => fileName.slice(0, -4) === authorityName)
      if (authority === undefined) return null
      if (fileName.endsWith('.cer'))
        return { contentType: 'application/pkix-cert', body: authority.certificateDer }
      if (fileName.endsWith('.crl')) {
        return { contentType: 'application/pkix-crl', body: revocationList(authority, deps.clock.now()) }
      }
      return null
    },
  }
}

/** Nothing can be revoked at the sandbox CA yet, so its lists are empty; DER. */
function revocationList(authority: LocalAuthority, now: Instant): Uint8Array {
  const thisUpdate = instant(Math.floor(now / LIST_EVERY_MS) * LIST_EVERY_MS)
  return createRevocationList(
    { thisUpdate, nextUpdate: plus(thisUpdate, LIST_GOOD_FOR_MS), revoked: [] },
    authority,
  )
}
