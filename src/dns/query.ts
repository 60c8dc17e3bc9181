import { type DecodedPacket, decode, type OptAnswer } from 'dns-packet'

/** Numbers of RFC 6895 section 2.3; BADVERS (RFC 6891 section 6.1.3) needs the extended bits of an OPT record. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const

export type ResponseCode = (typeof RCODE)[keyof typeof RCODE]

/** What a reply repeats of its query. */
export interface QueryHeader {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
}

export interface Edns {
  /** What the asker can take over UDP, in octets. */
  readonly payloadSize: number
  readonly version: number
  readonly dnssecOk: boolean
}

export interface Query {
  readonly header: QueryHeader
  /** Name, type and class as they came, so that the reply repeats every letter's case (0x20). */
  readonly questionOctets: Buffer
  /** As asked, case kept. */
  readonly name: string
  readonly type: string
  readonly edns: Edns | null
}

export type QueryReading =
  | { readonly outcome: 'query'; readonly query: Query }
  /** To be answered with a code alone. */
  | {
      readonly outcome: 'refuse'
      readonly header: QueryHeader
      readonly code: ResponseCode
      readonly questionOctets: Buffer | null
      readonly edns: Edns | null
    }
  /** Not answered at all: too short for an id, or itself a response (an answer to it could start a loop). */
  | { readonly outcome: 'ignore' }

const HEADER_OCTETS = 12
const OPCODE_QUERY = 0
const CLASS_INTERNET = 1
const NAME_LIMIT = 255

/** Judges one message from anyone. Never throws. RFC 1035 section 4.1, RFC 9619 (one question), RFC 6891. */
export function readQuery(message: Buffer): QueryReading {
  if (message.length < HEADER_OCTETS) return { outcome: 'ignore' }
  const flags = message.readUInt16BE(2)
  if ((flags & 0x8000) !== 0) return { outcome: 'ignore' }
  const header = {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
  }
  const refuse = (code: ResponseCode, questionOctets: Buffer | null = null, edns: Edns | null = null) =>
    ({ outcome: 'refuse', header, code, questionOctets, edns }) as const
  if (header.opcode !== OPCODE_QUERY) return refuse(RCODE.NOTIMP)
  if (message.readUInt16BE(4) !== 1 || message.readUInt16BE(6) !== 0) return refuse(RCODE.FORMERR)
  const question = readQuestion(message)
  const packet = decodeOrNull(message)
  const asked = packet?.questions?.[0]
  if (question === null || packet === null || asked === undefined) return refuse(RCODE.FORMERR)
  const options = (packet.additionals ?? []).filter((it): it is OptAnswer => it.type === 'OPT')
  if (options.length > 1) return refuse(RCODE.FORMERR, question.octets)
  const edns = ednsOf(options[0])
  if (edns !== null && edns.version !== 0) return refuse(RCODE.BADVERS, question.octets, edns)
  if (question.class !== CLASS_INTERNET || !question.isPlain)
    return refuse(RCODE.REFUSED, question.octets, edns)
  return {
    outcome: 'query',
    query: { header, questionOctets: question.octets, name: asked.name, type: asked.type, edns },
  }
}

interface RawQuestion {
  readonly octets: Buffer
  readonly class: number
  /** Printable ASCII without a dot inside a label: its text form means one name only. */
  readonly isPlain: boolean
}

/** Walks the question itself, because the library's text form loses octets above 0x7f and dots inside labels. */
function readQuestion(message: Buffer): RawQuestion | null {
  let at = HEADER_OCTETS
  let isPlain = true
  for (;;) {
    const length = message[at]
    if (length === undefined || length > 63) return null
    at += 1
    if (length === 0) break
    isPlain &&= message
      .subarray(at, at + length)
      .every((octet) => octet > 0x20 && octet < 0x7f && octet !== 0x2e)
    at += length
    if (at - HEADER_OCTETS >= NAME_LIMIT) return null
  }
  if (at + 4 > message.length) return null
  return { octets: message.subarray(HEADER_OCTETS, at + 4), class: message.readUInt16BE(at + 2), isPlain }
}

function ednsOf(option: OptAnswer | undefined): Edns | null {
  if (option === undefined) return null
  return { payloadSize: option.udpPayloadSize, version: option.ednsVersion, dnssecOk: option.flag_do }
}

function decodeOrNull(message: Buffer): DecodedPacket | null {
  try {
    return decode(message)
  } catch {
    return null
  }
}
