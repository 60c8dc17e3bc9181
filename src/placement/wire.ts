/** Octets of DNS messages (RFC 1035 section 4.1) as dynamic updates need them: names are never compressed here. */

export const TYPE = { SOA: 6, TXT: 16, TSIG: 250 } as const
/** RFC 2136 section 2.5: NONE takes one record away. */
export const CLASS = { INTERNET: 1, NONE: 254, ANY: 255 } as const
export const HEADER_OCTETS = 12
const TEXT_STRING_LIMIT = 255

export const uint16 = (value: number): Buffer => {
  const octets = Buffer.alloc(2)
  octets.writeUInt16BE(value)
  return octets
}

export const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}

export const uint48 = (value: number): Buffer => {
  const octets = Buffer.alloc(6)
  octets.writeUIntBE(value, 0, 6)
  return octets
}

/** Of a canonical name, without trailing dot. */
export const nameOctets = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'ascii')]),
    Buffer.from([0]),
  ])

/** RDATA of a TXT record: a value longer than one character-string is cut into several. */
export function textOctets(value: string): Buffer {
  const octets = Buffer.from(value, 'utf8')
  const strings: Buffer[] = []
  for (let at = 0; at === 0 || at < octets.length; at += TEXT_STRING_LIMIT) {
    const part = octets.subarray(at, at + TEXT_STRING_LIMIT)
    strings.push(Buffer.from([part.length]), part)
  }
  return Buffer.concat(strings)
}

export interface WireRecord {
  readonly name: string
  readonly type: number
  readonly class: number
  readonly ttl: number
  readonly data: Buffer
}

export const recordOctets = ({ name, type, class: of, ttl, data }: WireRecord): Buffer =>
  Buffer.concat([nameOctets(name), uint16(type), uint16(of), uint32(ttl), uint16(data.length), data])

/** Where a name ends that begins at `at`, and its text; follows pointers, which lead backwards alone. Throws a RangeError where there is none. */
export function readName(
  message: Buffer,
  at: number,
  limit = message.length,
): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  for (let next = at; ; ) {
    const length = message.readUInt8(next)
    if (length === 0) return { name: labels.join('.'), end: next + 1 }
    if (length >= 0xc0) {
      const pointer = message.readUInt16BE(next) & 0x3fff
      if (pointer >= limit || pointer >= at) throw new RangeError('a pointer that leads forwards')
      const rest = readName(message, pointer, pointer)
      return { name: [...labels, rest.name].filter((part) => part !== '').join('.'), end: next + 2 }
    }
    if (length > 63 || next + 1 + length > message.length) throw new RangeError('not a label')
    labels.push(message.toString('latin1', next + 1, next + 1 + length).toLowerCase())
    next += 1 + length
  }
}
