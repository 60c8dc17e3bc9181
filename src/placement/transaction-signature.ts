import { createHmac, timingSafeEqual } from 'node:crypto'
import { CLASS, HEADER_OCTETS, nameOctets, readName, recordOctets, TYPE, uint16, uint48 } from './wire.ts'

/** RFC 8945 section 6; what RFC 8945 says not to use any more is not here. */
export const ALGORITHMS = {
  'hmac-sha256': 'sha256',
  'hmac-sha384': 'sha384',
  'hmac-sha512': 'sha512',
} as const
export type TsigAlgorithm = keyof typeof ALGORITHMS

export interface TsigKey {
  /** Canonical name. */
  readonly name: string
  readonly algorithm: TsigAlgorithm
  readonly secret: Uint8Array
}

/** Seconds that both clocks may be apart (RFC 8945 section 10). */
const FUDGE_SECONDS = 300
/** RFC 8945 section 3; others are told by number. */
const ERRORS: Readonly<Record<number, string>> = { 16: 'BADSIG', 17: 'BADKEY', 18: 'BADTIME', 22: 'BADTRUNC' }

export interface SignedMessage {
  readonly message: Buffer
  readonly mac: Buffer
}

/** Appends a TSIG record (RFC 8945 section 4.2) to a message that has no additional records. `at`: seconds since 1970. */
export function signMessage(message: Buffer, key: TsigKey, at: number): SignedMessage {
  const mac = macOf(key, [message, variables(key, { at, fudge: FUDGE_SECONDS, error: 0, other: NOTHING })])
  const data = Buffer.concat([
    nameOctets(key.algorithm),
    uint48(at),
    uint16(FUDGE_SECONDS),
    uint16(mac.length),
    mac,
    message.subarray(0, 2),
    uint16(0),
    uint16(0),
  ])
  const record = recordOctets({ name: key.name, type: TYPE.TSIG, class: CLASS.ANY, ttl: 0, data })
  const signed = Buffer.concat([message, record])
  signed.writeUInt16BE(1, ADDITIONAL_COUNT_AT)
  return { message: signed, mac }
}

const NOTHING = Buffer.alloc(0)
const ADDITIONAL_COUNT_AT = 10

interface Variables {
  readonly at: number
  readonly fudge: number
  readonly error: number
  readonly other: Buffer
}

/** RFC 8945 section 4.3.3. */
const variables = ({ name, algorithm }: TsigKey, { at, fudge, error, other }: Variables): Buffer =>
  Buffer.concat([
    nameOctets(name),
    uint16(CLASS.ANY),
    Buffer.alloc(4),
    nameOctets(algorithm),
    uint48(at),
    uint16(fudge),
    uint16(error),
    uint16(other.length),
    other,
  ])

function macOf({ algorithm, secret }: TsigKey, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(ALGORITHMS[algorithm], secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** What a reply's signature says: null: it is good; else why not, as RFC 8945 calls it. */
export function checkReply(
  reply: Buffer,
  key: TsigKey,
  { requestMac, at }: { readonly requestMac: Buffer; readonly at: number },
): string | null {
  const found = lastAdditional(reply)
  if (found === null || found.type !== TYPE.TSIG || found.name !== key.name) return 'not signed'
  const signature = readSignature(reply, found.data)
  // An unsigned refusal tells why nothing could be signed (RFC 8945 section 5.3.2).
  if (signature.mac.length === 0) return errorName(signature.error) ?? 'not signed'
  const bare = Buffer.from(reply.subarray(0, found.start))
  bare.writeUInt16BE(reply.readUInt16BE(ADDITIONAL_COUNT_AT) - 1, ADDITIONAL_COUNT_AT)
  bare.writeUInt16BE(signature.originalId, 0)
  const expected = macOf(key, [uint16(requestMac.length), requestMac, bare, variables(key, signature)])
  if (signature.algorithm !== key.algorithm || !isSame(expected, signature.mac))
    return 'signed by another key'
  return errorName(signature.error) ?? (Math.abs(at - signature.at) > signature.fudge ? 'BADTIME' : null)
}

const errorName = (error: number): string | null =>
  error === 0 ? null : (ERRORS[error] ?? `TSIG error ${error}`)

const isSame = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

/** Only the additional section's last record may be the signature (RFC 8945 section 5.1). Throws a RangeError for what is no message. */
function lastAdditional(message: Buffer) {
  let at = HEADER_OCTETS
  for (let question = message.readUInt16BE(4); question > 0; question -= 1) at = readName(message, at).end + 4
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(ADDITIONAL_COUNT_AT)
  let last = null
  for (let record = 0; record < count; record += 1) {
    const { name, end } = readName(message, at)
    const data = { start: end + 10, end: end + 10 + message.readUInt16BE(end + 8) }
    last = { name, type: message.readUInt16BE(end), start: at, data }
    at = data.end
  }
  return message.readUInt16BE(ADDITIONAL_COUNT_AT) === 0 ? null : last
}

function readSignature(message: Buffer, { start }: { readonly start: number }) {
  const { name: algorithm, end } = readName(message, start)
  const macLength = message.readUInt16BE(end + 8)
  const after = end + 10 + macLength
  const otherLength = message.readUInt16BE(after + 4)
  return {
    algorithm,
    at: message.readUIntBE(end, 6),
    fudge: message.readUInt16BE(end + 6),
    mac: message.subarray(end + 10, after),
    originalId: message.readUInt16BE(after),
    error: message.readUInt16BE(after + 2),
    other: message.subarray(after + 6, after + 6 + otherLength),
  }
}
