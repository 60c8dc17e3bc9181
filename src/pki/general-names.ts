import { isIP } from 'node:net'
import { implicit, sequence } from './der.ts'
import { type Element, childrenOf } from './der-reader.ts'

/** RFC 5280 section 4.2.1.6: GeneralNames of dNSName [2] and iPAddress [7]. */
export function writeGeneralNames(dnsNames: readonly string[], ipAddresses: readonly string[] = []): Buffer {
  return sequence(
    ...dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...ipAddresses.map((address) => implicit(7, addressOctets(address))),
  )
}

/** uniformResourceIdentifier [6]. */
export const uriName = (uri: string): Buffer => implicit(6, Buffer.from(uri, 'latin1'))

export interface GeneralNames {
  /** Lower case. */
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
  /** Names of other kinds, counted only. */
  readonly others: number
}

/** Throws `RangeError` for a dNSName with a NUL, a comma or the like: such names have only ever served deceit. */
export function readGeneralNames(names: Pick<Element, 'content'>): GeneralNames {
  const all = childrenOf(names)
  const textOf = (tag: number, pattern: RegExp): string[] =>
    all.filter((name) => name.tag === tag).map((name) => text(name.content, pattern))
  const dnsNames = textOf(0x82, /^[a-z0-9*._-]+$/i).map((name) => name.toLowerCase())
  const uris = textOf(0x86, /^[\x21-\x7e]+$/)
  return { dnsNames, uris, others: all.length - dnsNames.length - uris.length }
}

function text(content: Buffer, pattern: RegExp): string {
  const found = content.toString('latin1')
  if (!pattern.test(found)) throw new RangeError('a name with characters that such a name cannot have')
  return found
}

/** Four octets or sixteen. Throws `RangeError` for what is no address, and for one with a zone. */
function addressOctets(address: string): Buffer {
  if (address.includes('%') || isIP(address) === 0) throw new RangeError(`not an IP address: ${address}`)
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // The URL parser writes every form of an IPv6 address (embedded IPv4 too) as plain groups.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = new Array<string>(8 - before.length - after.length).fill('0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
