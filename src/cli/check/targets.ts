import { isIP } from 'node:net'
import { wrongUsage } from '../failure.ts'

/** One line of a file of names: what clients ask for, and where. */
export interface CheckTarget {
  /** As written, without `=address`; a name is lower case. */
  readonly name: string
  /** Where to connect: a name, which is looked up, or an address. */
  readonly host: string
  readonly port: number
}

const HTTPS_PORT = 443

/**
 * `host[:port][=address]` per line; `#` begins a comment; what is written twice is checked once. The address, `host[:port]` again, is where
 * to connect instead of to the host: one edge of many, or the staging network. IPv6 addresses with a port stand in brackets.
 */
export function readTargets(text: string, file: string): readonly CheckTarget[] {
  const targets = new Map<string, CheckTarget>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(/(^|\s)#.*$/, '').trim()
    if (entry === '') continue
    const target = targetOf(entry)
    if (target === null)
      throw wrongUsage(`${file} line ${index + 1}: ${entry} is not host[:port][=address[:port]].`)
    targets.set(JSON.stringify(target), target)
  }
  if (targets.size === 0) throw wrongUsage(`${file} holds no name.`)
  return [...targets.values()]
}

function targetOf(entry: string): CheckTarget | null {
  const [asked = '', at, more] = entry.split('=').map((part) => part.trim())
  const what = endpointOf(asked)
  if (what === null || more !== undefined) return null
  const port = what.port ?? HTTPS_PORT
  if (at === undefined) return { name: what.host, host: what.host, port }
  const where = endpointOf(at)
  return where === null ? null : { name: what.host, host: where.host, port: where.port ?? port }
}

/** A host name of letters, digits, hyphens and underscores, with a wildcard label in front where it asks for one. */
const HOST = /^(\*\.)?(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/

function endpointOf(text: string): { host: string; port: number | null } | null {
  if (isIP(text) === 6) return { host: text, port: null }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const port = match?.[3] === undefined ? null : Number(match[3])
  if (match === null || port === 0 || (port ?? 0) > 65_535) return null
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? { host: match[1], port } : null
  const host = (match[2] ?? '').toLowerCase()
  return host.length <= 254 && HOST.test(host) ? { host: host.replace(/\.$/, ''), port } : null
}
