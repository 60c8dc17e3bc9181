import type { Resolver } from '../dns/resolver.ts'
import type { ChallengePlacement } from '../ports/challenge-placement.ts'
import type { DnsProvider } from './provider.ts'

export interface PlacementOptions {
  /** By zone (canonical apex); null: a person places, and no provider of a zone above. */
  readonly providers: ReadonlyMap<string, DnsProvider | null>
  /** Finds where aliases of `_acme-challenge.NAME` lead. */
  readonly resolver: Resolver
  /** RFC 8555 section 8.4: of a key authorization. */
  readonly valueOf: (keyAuthorization: string) => string
}

/** Chooses who writes by the longest zone that holds the owner name. */
export function createPlacement({ providers, resolver, valueOf }: PlacementOptions): ChallengePlacement {
  const providerOf = (zone: string): DnsProvider => {
    const provider = providers.get(zone) ?? null
    if (provider === null)
      throw new Error(`No DNS provider for ${zone} is configured (CERTRAIL_DNS_PROVIDERS).`)
    return provider
  }
  return {
    isEmpty: [...providers.values()].every((provider) => provider === null),
    async textFor(domain, keyAuthorization, signal) {
      const owner = await endOfAliases(resolver, `_acme-challenge.${domain.replace(/^\*\./, '')}`, signal)
      const zone = zoneOf(owner, providers)
      if (zone === null || providers.get(zone) === null) return null
      return { zone, owner, value: valueOf(keyAuthorization) }
    },
    place: async (text, signal) => providerOf(text.zone).place(text, signal),
    remove: async (text, signal) => providerOf(text.zone).remove(text, signal),
  }
}

async function endOfAliases(resolver: Resolver, owner: string, signal: AbortSignal): Promise<string> {
  const result = await resolver.query(owner, 'TXT', signal)
  return 'name' in result ? result.name : owner
}

function zoneOf(owner: string, zones: ReadonlyMap<string, unknown>): string | null {
  const labels = owner.split('.')
  for (let from = 0; from < labels.length; from += 1) {
    const candidate = labels.slice(from).join('.')
    if (zones.has(candidate)) return candidate
  }
  return null
}
