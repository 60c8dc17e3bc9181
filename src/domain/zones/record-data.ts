import { isIpv4Text, isIpv6Text } from './address-text.ts'
import { characterStrings } from './character-strings.ts'
import { ownerName } from './owner-name.ts'

/** The types that Certrail's own responder answers, and therefore takes. */
export const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const
export type RecordType = (typeof RECORD_TYPES)[number]

export interface StartOfAuthority {
  readonly mname: string
  readonly rname: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

/** One record's data, names in canonical form. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR'; readonly data: string }
  | { readonly type: 'TXT'; readonly data: readonly Uint8Array[] }
  | { readonly type: 'MX'; readonly data: { readonly preference: number; readonly exchange: string } }
  | {
      readonly type: 'SRV'
      readonly data: {
        readonly priority: number
        readonly weight: number
        readonly port: number
        readonly target: string
      }
    }
  | {
      readonly type: 'CAA'
      readonly data: { readonly flags: number; readonly tag: string; readonly value: string }
    }
  | { readonly type: 'SOA'; readonly data: StartOfAuthority }

/** `reason` goes on from the text: `is no IPv4 address`. */
export type DataReading =
  | { readonly ok: true; readonly record: RecordData }
  | { readonly ok: false; readonly reason: string }

const SIXTEEN_BITS = 0xffff
const THIRTY_TWO_BITS = 0xffff_ffff

/** Record data in the form of zone files (RFC 1035 section 5, RFC 8659 section 4.1), as the Edge DNS API takes it in `rdata`. */
export const readRecordData = (type: RecordType, text: string): DataReading => READERS[type](text)

type Reader = (text: string) => DataReading

const refused = (reason: string): DataReading => ({ ok: false, reason })
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Always absolute, with or without the dot at its end: there is no origin to be relative to. */
function hostOf(text: string): string | null {
  if (text === '.') return '.'
  const owner = ownerName(text)
  return owner.ok && !owner.name.startsWith('*') ? owner.name : null
}

function numberOf(text: string | undefined, most: number): number | null {
  const value = /^\d{1,10}$/.test(text ?? '') ? Number(text) : -1
  return value >= 0 && value <= most ? value : null
}

/** Null: one of them is no such number. */
function numbersOf(texts: readonly string[], most: number): readonly number[] | null {
  const numbers = texts.map((text) => numberOf(text, most))
  return numbers.every((each) => each !== null) ? numbers : null
}

const address =
  (type: 'A' | 'AAAA', isRight: (text: string) => boolean, reason: string): Reader =>
  (text) =>
    isRight(text) ? { ok: true, record: { type, data: text.toLowerCase() } } : refused(reason)

const host =
  (type: 'CNAME' | 'NS' | 'PTR'): Reader =>
  (text) => {
    const data = hostOf(text.trim())
    return data === null || data === '.'
      ? refused('must be one DNS name')
      : { ok: true, record: { type, data } }
  }

function text(value: string): DataReading {
  const data = characterStrings(value)
  return data === null || data.length === 0
    ? refused('must be strings of at most 255 octets, in quotes where they hold blanks: "one" "two"')
    : { ok: true, record: { type: 'TXT', data } }
}

function mailExchange(value: string): DataReading {
  const [first, name, ...more] = words(value)
  const preference = numberOf(first, SIXTEEN_BITS)
  const exchange = hostOf(name ?? '')
  return preference === null || exchange === null || more.length > 0
    ? refused('must be a preference and a DNS name: 10 mail.example.com.')
    : { ok: true, record: { type: 'MX', data: { preference, exchange } } }
}

function service(value: string): DataReading {
  const parts = words(value)
  const [priority = 0, weight = 0, port = 0] = numbersOf(parts.slice(0, 3), SIXTEEN_BITS) ?? [-1]
  const target = hostOf(parts[3] ?? '')
  return priority < 0 || target === null || parts.length !== 4
    ? refused('must be priority, weight, port and a DNS name: 0 5 443 www.example.com.')
    : { ok: true, record: { type: 'SRV', data: { priority, weight, port, target } } }
}

/** RFC 8659 section 4.1.1. The value may stand in quotes or without. */
function authorization(value: string): DataReading {
  const [, first, tag = '', rest = ''] = /^\s*(\d{1,3})\s+([A-Za-z0-9]{1,15})\s+([^]*)$/.exec(value) ?? []
  const flags = numberOf(first, 255)
  const strings = characterStrings(rest)
  const [only] = strings ?? []
  if (flags === null || only === undefined || strings?.length !== 1)
    return refused('must be flags, a tag and a value: 0 issue "ca.example.net"')
  const data = { flags, tag: tag.toLowerCase(), value: new TextDecoder().decode(only) }
  return { ok: true, record: { type: 'CAA', data } }
}

function startOfAuthority(value: string): DataReading {
  const [server = '', mailbox = '', ...rest] = words(value)
  const [mname, rname] = [hostOf(server), hostOf(mailbox)]
  const numbers = numbersOf(rest, THIRTY_TWO_BITS)
  if (mname === null || rname === null || numbers?.length !== 5)
    return refused('must be server, mailbox, serial, refresh, retry, expire and minimum')
  const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers
  return {
    ok: true,
    record: { type: 'SOA', data: { mname, rname, serial, refresh, retry, expire, minimum } },
  }
}

const READERS: Readonly<Record<RecordType, Reader>> = {
  A: address('A', isIpv4Text, 'is no IPv4 address'),
  AAAA: address('AAAA', isIpv6Text, 'is no IPv6 address'),
  CAA: authorization,
  CNAME: host('CNAME'),
  MX: mailExchange,
  NS: host('NS'),
  PTR: host('PTR'),
  SOA: startOfAuthority,
  SRV: service,
  TXT: text,
}
