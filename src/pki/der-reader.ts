import { type Instant, instant } from '../domain/time.ts'

const UTC_TIME_TAG = 0x17
const GENERALIZED_TIME_TAG = 0x18

/**
 * Reads DER from strangers. Every length is checked against its parent, indefinite and over-long lengths are refused, and nothing
 * recurses: a caller walks as deep as the structure it knows. Throws `RangeError` for whatever does not fit.
 */
export interface Element {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

/** The element that begins at `offset`. */
export function elementAt(bytes: Uint8Array, offset = 0): Element {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = octetAt(source, offset)
  if ((tag & 0x1f) === 0x1f) throw new RangeError('a tag of more than one octet')
  const { length, start } = lengthAt(source, offset + 1)
  const end = start + length
  if (end > source.length) throw new RangeError('an element longer than what holds it')
  return { tag, content: source.subarray(start, end), whole: source.subarray(offset, end) }
}

/** Exactly one element, nothing after it. */
export function onlyElement(bytes: Uint8Array): Element {
  const found = elementAt(bytes)
  if (found.whole.length !== bytes.length) throw new RangeError('octets after the end')
  return found
}

export function childrenOf(parent: Pick<Element, 'content'>): Element[] {
  const children: Element[] = []
  let offset = 0
  while (offset < parent.content.length) {
    const child = elementAt(parent.content, offset)
    children.push(child)
    offset += child.whole.length
  }
  return children
}

/** The nth child, which must be there. */
export function childOf(parent: Pick<Element, 'content'>, index: number): Element {
  const child = childrenOf(parent)[index]
  if (child === undefined) throw new RangeError('a structure with too few members')
  return child
}

export function readObjectIdentifier(content: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 256) throw new RangeError('an object identifier beyond all use')
    if ((octet & 0x80) === 0) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [head = 0, ...rest] = arcs
  const first = Math.min(2, Math.floor(head / 40))
  return [first, head - first * 40, ...rest].join('.')
}

/** Text of any of the string types that a distinguished name uses (RFC 5280 section 4.1.2.4). */
export function readText(found: Element): string {
  if (found.tag === 0x1e) return Buffer.from(found.content).swap16().toString('utf16le')
  return found.content.toString(found.tag === 0x0c ? 'utf8' : 'latin1')
}

function octetAt(source: Buffer, offset: number): number {
  const octet = source[offset]
  if (octet === undefined) throw new RangeError('the end came too early')
  return octet
}

function lengthAt(source: Buffer, offset: number): { length: number; start: number } {
  const first = octetAt(source, offset)
  if (first < 0x80) return { length: first, start: offset + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 4) throw new RangeError('a length in a form that DER does not have')
  if (offset + 1 + count > source.length) throw new RangeError('the end came too early')
  const length = source.readUIntBE(offset + 1, count)
  if (length < 0x80 || length < 2 ** (8 * (count - 1)))
    throw new RangeError('a length longer than it need be')
  return { length, start: offset + 1 + count }
}

const TIME = /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** UTCTime or GeneralizedTime, in the form that DER has (RFC 5280 section 4.1.2.5); a fraction of a second is refused. */
export function readTime({ tag, content }: Element): Instant {
  const [, year = '', month, day, hour, minute, second] = TIME.exec(content.toString('latin1')) ?? []
  const isFull = tag === GENERALIZED_TIME_TAG && year.length === 4
  if (!isFull && !(tag === UTC_TIME_TAG && year.length === 2))
    throw new RangeError('a time in no form of DER')
  const century = isFull ? '' : Number(year) < 50 ? '20' : '19'
  const at = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(at)) throw new RangeError('a time that does not exist')
  return instant(at)
}
