import { isIPv4, isIPv6 } from 'node:net'
import { type Answer, type CaaData, type DecodedPacket, decode } from 'dns-packet'

/** What can be asked for, and what one record of it looks like. */
export interface RecordValues {
  A: string
  AAAA: string
  CNAME: string
  NS: string
  /** The character-strings of one record, joined. */
  TXT: string
  CAA: { readonly flags: number; readonly tag: string; readonly value: string }
}

export type QueryType = keyof RecordValues

export interface AskedQuestion {
  readonly id: number
  /** Canonical. */
  readonly name: string
  readonly type: QueryType
}

export type ReplyReading<T extends QueryType> =
  | { readonly outcome: 'records'; readonly name: string; readonly records: readonly RecordValues[T][] }
  | { readonly outcome: 'nodata' | 'nxdomain'; readonly name: string }
  /** The reply ends at another name, which is to be asked for next. */
  | { readonly outcome: 'alias'; readonly name: string }
  | { readonly outcome: 'servfail'; readonly code: string }

const RECORDS_LIMIT = 64
const ALIASES_LIMIT = 8
const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

/** The message if it answers exactly what was asked (RFC 5452 section 9.1), else null. Never throws. */
export function matchReply(message: Buffer, asked: AskedQuestion): DecodedPacket | null {
  const packet = decodeOrNull(message)
  const question = packet?.questions?.[0]
  if (packet === null || question === undefined || packet.questions?.length !== 1) return null
  const matches =
    packet.flag_qr &&
    packet.id === asked.id &&
    canonical(question.name) === asked.name &&
    question.type === asked.type &&
    question.class === 'IN'
  return matches ? packet : null
}

/** Follows the aliases inside one reply. RFC 1034 section 4.3.2; the code belongs to the last of them (RFC 6604 section 3). */
export function readReply<T extends QueryType>(
  packet: DecodedPacket,
  name: string,
  type: T,
): ReplyReading<T> {
  const code = (packet.flags ?? 0) & 0xf
  const codeName = CODES[code] ?? `RCODE ${code}`
  if (codeName !== 'NOERROR' && codeName !== 'NXDOMAIN') return { outcome: 'servfail', code: codeName }
  const answers = packet.answers ?? []
  const seen = new Set([name])
  let current = name
  for (
    let target = aliasOf(answers, current, type);
    target !== null;
    target = aliasOf(answers, current, type)
  ) {
    if (seen.has(target)) return { outcome: 'servfail', code: 'CNAME loop' }
    if (seen.size > ALIASES_LIMIT) return { outcome: 'servfail', code: 'too many CNAME records' }
    seen.add(target)
    current = target
  }
  const records = answers.filter((it) => canonical(it.name) === current).flatMap((it) => valueOf(it, type))
  if (records.length > 0)
    return { outcome: 'records', name: current, records: records.slice(0, RECORDS_LIMIT) }
  if (codeName === 'NXDOMAIN') return { outcome: 'nxdomain', name: current }
  return { outcome: current === name ? 'nodata' : 'alias', name: current }
}

export const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '')

function aliasOf(answers: readonly Answer[], name: string, type: QueryType): string | null {
  if (type === 'CNAME') return null
  const alias = answers.find((it) => it.type === 'CNAME' && canonical(it.name) === name)
  return alias?.type === 'CNAME' ? canonical(alias.data) : null
}

const READERS: { readonly [T in QueryType]: (data: unknown) => RecordValues[T] | null } = {
  A: (data) => (isIPv4(String(data)) ? String(data) : null),
  AAAA: (data) => (isIPv6(String(data)) ? String(data) : null),
  CNAME: (data) => canonical(String(data)),
  NS: (data) => canonical(String(data)),
  TXT: (data) => Buffer.concat(data as Buffer[]).toString('utf8'),
  CAA: (data) => {
    const { flags, tag, value } = data as CaaData
    return { flags: flags ?? 0, tag, value }
  },
}

function valueOf<T extends QueryType>(answer: Answer, type: T): RecordValues[T][] {
  if (answer.type !== type || !('data' in answer)) return []
  const value = READERS[type](answer.data)
  return value === null ? [] : [value]
}

function decodeOrNull(message: Buffer): DecodedPacket | null {
  try {
    return decode(message)
  } catch {
    return null
  }
}
