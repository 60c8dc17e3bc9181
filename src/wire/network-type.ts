import type { NetworkConfiguration } from '../domain/enrollment/enrollment.ts'

type Place = Pick<NetworkConfiguration, 'geography' | 'secureNetwork'>

/** `networkType` of enrollment and deployment v1 and v2 (spec: api 6, a proposal: the original mapping is not documented). */
export function networkTypeOf(place: Place): string {
  if (place.geography === 'russia+core') return 'worldwide-russia'
  return place.secureNetwork === 'standard-tls' && place.geography === 'core'
    ? 'standard-worldwide'
    : 'worldwide'
}

export const PLACES: Readonly<Record<string, Place>> = {
  'standard-worldwide': { geography: 'core', secureNetwork: 'standard-tls' },
  worldwide: { geography: 'core', secureNetwork: 'enhanced-tls' },
  'worldwide-russia': { geography: 'russia+core', secureNetwork: 'enhanced-tls' },
}
