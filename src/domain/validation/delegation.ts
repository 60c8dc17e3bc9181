const LONGEST_NAME = 253

/**
 * Where `_acme-challenge.NAME` is to be an alias to, once and for all renewals: the name itself below our zone. Null where that would be no name any more.
 * A wildcard and its base share one.
 */
export function delegationTarget(domain: string, zone: string): string | null {
  const target = `${domain.replace(/^\*\./, '')}.${zone}`
  return target.length <= LONGEST_NAME ? target : null
}

/** The name whose challenges stand at `name` in our zone; null: the apex itself, or no name of the zone. */
export const delegatedName = (name: string, zone: string): string | null =>
  name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : null
