import { encode, type OptAnswer } from 'dns-packet'
import { type Edns, type QueryHeader, RCODE, type ResponseCode } from './query.ts'
import type { ResourceRecord } from './record-source.ts'

export interface Reply {
  readonly header: QueryHeader
  readonly questionOctets: Buffer | null
  readonly edns: Edns | null
  readonly code: ResponseCode
  readonly authoritative: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
}

const PLAIN_UDP_LIMIT = 512
/** What passes every ordinary path unfragmented; both our advertised size and the most we send (RFC 9715 section 3.1). */
export const UDP_PAYLOAD_SIZE = 1232
const TCP_LIMIT = 65_535
const AUTHORITATIVE = 1 << 10
const TRUNCATED = 1 << 9
const RECURSION_DESIRED = 1 << 8
const HEADER_OCTETS = 12

/** Too large for UDP: an empty reply with TC, so that the asker comes back over TCP (RFC 2181 section 9). */
export function encodeForUdp(reply: Reply): Buffer {
  const limit = Math.min(UDP_PAYLOAD_SIZE, Math.max(PLAIN_UDP_LIMIT, reply.edns?.payloadSize ?? 0))
  const octets = encodeReply(reply, 0)
  return octets.length <= limit ? octets : encodeReply({ ...reply, answers: [], authorities: [] }, TRUNCATED)
}

/** Without the length prefix. What does not fit even here is a fault of ours. */
export function encodeForTcp(reply: Reply): Buffer {
  const octets = encodeReply(reply, 0)
  if (octets.length <= TCP_LIMIT) return octets
  return encodeReply({ ...reply, code: RCODE.SERVFAIL, answers: [], authorities: [] }, 0)
}

function encodeReply(reply: Reply, extraFlags: number): Buffer {
  const octets = encode({
    type: 'response',
    id: reply.header.id,
    flags:
      (reply.header.opcode << 11) |
      (reply.authoritative ? AUTHORITATIVE : 0) |
      (reply.header.recursionDesired ? RECURSION_DESIRED : 0) |
      (reply.code & 0xf) |
      extraFlags,
    answers: [...reply.answers],
    authorities: [...reply.authorities],
    additionals: reply.edns === null ? [] : [optionRecord(reply.edns, reply.code)],
  })
  if (reply.questionOctets === null) return octets
  // Spliced in as it came. The library compresses nothing, so no pointer has to move.
  octets.writeUInt16BE(1, 4)
  return Buffer.concat([
    octets.subarray(0, HEADER_OCTETS),
    reply.questionOctets,
    octets.subarray(HEADER_OCTETS),
  ])
}

/** RFC 6891 section 6.1.1: only in a reply to a query that had one. DO is repeated (RFC 3225 section 3). */
function optionRecord(edns: Edns, code: ResponseCode): OptAnswer {
  return {
    name: '.',
    type: 'OPT',
    udpPayloadSize: UDP_PAYLOAD_SIZE,
    extendedRcode: code >> 4,
    ednsVersion: 0,
    flags: edns.dnssecOk ? 0x8000 : 0,
    flag_do: edns.dnssecOk,
    options: [],
  }
}
