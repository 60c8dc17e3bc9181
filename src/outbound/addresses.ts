import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** What outbound fetches may reach (docs/config.md, CERTRAIL_ALLOW_PRIVATE_TARGETS). */
export type AllowedTargets = 'public' | 'loopback' | 'any'

/** IANA special-purpose address registries (RFC 6890 and its updates): not globally reachable, so nothing that a stranger names may lead there. */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

const SPECIAL_IPV6: readonly (readonly [string, number])[] = [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
]

const special = blockList(SPECIAL_IPV4, SPECIAL_IPV6)
/** RFC 4291 section 2.4 and IANA: all that is given out for use on the Internet so far. */
const globalUnicast = blockList([], [['2000::', 3]])
const loopback = blockList([['127.0.0.0', 8]], [['::1', 128]])

/** Whether a connection to this numeric address is allowed. An IPv4 address in IPv6 clothes (`::ffff:a.b.c.d`) is judged as what it is. */
export function isAllowed(address: string, allowed: AllowedTargets): boolean {
  const bare = withoutMapping(address)
  if (!isIPv4(bare) && !isIPv6(bare)) return false
  if (allowed === 'any') return true
  const family = isIPv4(bare) ? 'ipv4' : 'ipv6'
  const isGlobal = family === 'ipv4' || globalUnicast.check(bare, 'ipv6')
  if (isGlobal && !special.check(bare, family)) return true
  return allowed === 'loopback' && loopback.check(bare, family)
}

function withoutMapping(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address)
  if (hex === null) return address
  const [high, low] = [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function blockList(
  ipv4: readonly (readonly [string, number])[],
  ipv6: readonly (readonly [string, number])[],
): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of ipv4) list.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of ipv6) list.addSubnet(network, prefix, 'ipv6')
  return list
}
