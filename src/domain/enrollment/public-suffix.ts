import { parse } from 'tldts'
import { isWildcard } from './names.ts'

/**
 * Whether a canonical name, or what its wildcard stands over, is one that registrants register below (`co.uk`): nobody owns it whole.
 * BR section 3.2.2.6 forbids the wildcard; the bare name no CA signs either. By the ICANN part of the public suffix list alone: a name of
 * its private part (`github.io`) belongs to somebody, who may have a certificate for it.
 */
export function isPublicSuffix(name: string): boolean {
  const base = isWildcard(name) ? name.slice(2) : name
  const { publicSuffix, isIcann } = parse(base, { validateHostname: false })
  return isIcann === true && publicSuffix === base
}
