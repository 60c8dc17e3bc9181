import { type Instant, toWireTime } from '../domain/time.ts'

/**
 * Writes DER (X.690), as much of it as certificates, signing requests and CRLs need. Every function returns one whole element.
 * Written by hand because the issuing path is hot: ASN.1 schema libraries cost fifty times as much as the signature.
 */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.of(tag), lengthOf(length), ...parts])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...parts)

/** One member, or members that the caller has put in DER's order. */
export const set = (...parts: readonly Uint8Array[]): Buffer => element(TAG.set, ...parts)

/** `[n]` around whole elements. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer => element(0xa0 | n, ...parts)

/** `[n]` in place of a primitive type's own tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => element(0x80 | n, content)

export const boolean = (value: boolean): Buffer => element(TAG.boolean, Buffer.of(value ? 0xff : 0))

export const nothing = (): Buffer => element(TAG.nothing)

/** A number below 2^48, or big-endian bytes of a number that is not negative. */
export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? bytesOf(value) : Buffer.from(value)
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const shortest = bytes.subarray(start)
  const padding = (shortest[0] ?? 0) & 0x80 || shortest.length === 0 ? Buffer.of(0) : Buffer.alloc(0)
  return element(TAG.integer, padding, shortest)
}

export const enumerated = (value: number): Buffer => element(TAG.enumerated, Buffer.of(value))

export const octetString = (content: Uint8Array): Buffer => element(TAG.octetString, content)

export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  element(TAG.bitString, Buffer.of(unusedBits), content)

/** Named bits, bit 0 first; trailing zero bits are left out (X.690 section 11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  const highest = Math.max(...bits)
  const content = Buffer.alloc(Math.floor(highest / 8) + 1)
  for (const bit of bits) content[bit >> 3] = (content[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return bitString(content, 7 - (highest & 7))
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text, 'utf8'))

export const printableString = (text: string): Buffer =>
  element(TAG.printableString, Buffer.from(text, 'latin1'))

/** Whole seconds; UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
export function time(at: Instant): Buffer {
  const digits = toWireTime(at).replaceAll(/[-:T]/g, '')
  return digits < '2050'
    ? element(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : element(TAG.generalizedTime, Buffer.from(digits, 'latin1'))
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes = bytesOf(length)
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

/** Big-endian, without leading zero octets. */
function bytesOf(value: number): Buffer {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 48)
    throw new RangeError('a whole number below 2^48')
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(value, 0, 6)
  const start = bytes.findIndex((octet) => octet !== 0)
  return bytes.subarray(start === -1 ? 5 : start)
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift(0x80 | (rest % 128))
  return octets
}
