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

/** Throws `RangeError` for a dNSName with anything but printable ASCII: a NUL or a comma in a name has only ever served deceit. */
export function readGeneralNames(names: Element): GeneralNames {
  const all = childrenOf(names)
  const textOf = (tag: number): string[] =>
    all.filter((name) => name.tag === tag).map((name) => printable(name.content.toString('latin1')))
  const dnsNames = textOf(0x82).map((name) => name.toLowerCase())
  const uris = textOf(0x86)
  return { dnsNames, uris, others: all.length - dnsNames.length - uris.length }
}

function printable(text: string): string {
  if (!/^[\x21-\x2b\x2d-\x7e]*$/.test(text) && !/^[a-z][a-z0-9+.-]*:[\x21-\x7e]*$/i.test(text)) {
    throw new RangeError('a name with characters that a name cannot have')
  }
  return text
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
