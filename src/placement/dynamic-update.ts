import { type DnsServer, exchangeOverTcp } from '../dns/exchange.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { type DnsProvider, TEXT_TTL_SECONDS, type TextRecord } from './provider.ts'
import { checkReply, signMessage, type TsigKey } from './transaction-signature.ts'
import { CLASS, HEADER_OCTETS, nameOctets, recordOctets, textOctets, TYPE, uint16 } from './wire.ts'

export interface DynamicUpdateOptions {
  /** The zone's primary; a name is looked up as any program does it. */
  readonly server: DnsServer
  readonly key: TsigKey
  readonly timeoutMs: number
  /** Real time: signatures are valid for minutes. */
  readonly real: Clock
  readonly random: Random
}

const OPCODE_UPDATE = 5
/** RFC 2136 section 2.2. */
const CODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** RFC 2136, signed by RFC 8945. One update for one record, over TCP: a lost datagram would leave open whether it was carried out. */
export function createDynamicUpdates(options: DynamicUpdateOptions): DnsProvider {
  return {
    place: ({ zone, owner, value }, signal) =>
      update(options, zone, addition({ zone, owner, value }), signal),
    remove: ({ zone, owner, value }, signal) =>
      update(options, zone, removal({ zone, owner, value }), signal),
  }
}

/** RFC 2136 section 2.5.1: what stands already is left as it is. */
const addition = ({ owner, value }: TextRecord): Buffer =>
  recordOctets({
    name: owner,
    type: TYPE.TXT,
    class: CLASS.INTERNET,
    ttl: TEXT_TTL_SECONDS,
    data: textOctets(value),
  })

/** RFC 2136 section 2.5.4: this very record, and no error where there is none. */
const removal = ({ owner, value }: TextRecord): Buffer =>
  recordOctets({ name: owner, type: TYPE.TXT, class: CLASS.NONE, ttl: 0, data: textOctets(value) })

async function update(
  { server, key, timeoutMs, real, random }: DynamicUpdateOptions,
  zone: string,
  change: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const id = random.below(65_536)
  const signed = signMessage(updateMessage(id, zone, change), key, seconds(real))
  const isReply = (message: Buffer): boolean =>
    message.length >= HEADER_OCTETS &&
    message.readUInt16BE(0) === id &&
    (message.readUInt16BE(2) & 0xf800) === (0x8000 | (OPCODE_UPDATE << 11))
  const exchange = await exchangeOverTcp({ server, message: signed.message, isReply, timeoutMs, signal })
  const failed = (why: string): Error =>
    new Error(`The name server ${server.host} (port ${server.port}) did not update ${zone}: ${why}.`)
  if (exchange.outcome === 'give-up') throw failed('no answer in time')
  if (exchange.outcome === 'unreachable') throw failed(exchange.reason)
  const code = exchange.message.readUInt16BE(2) & 0xf
  const doubt = signatureDoubt(exchange.message, key, { requestMac: signed.mac, at: seconds(real) })
  if (code !== 0) throw failed(told(code, doubt))
  if (doubt !== null) throw failed(`its answer cannot be trusted (${doubt})`)
}

function signatureDoubt(...[reply, key, around]: Parameters<typeof checkReply>): string | null {
  try {
    return checkReply(reply, key, around)
  } catch (error) {
    if (error instanceof RangeError) return 'not a whole message'
    throw error
  }
}

const told = (code: number, doubt: string | null): string => {
  const name = CODES[code] ?? `RCODE ${code}`
  return doubt === null || doubt === 'not signed' ? name : `${name} (${doubt})`
}

const seconds = (clock: Clock): number => Math.floor(clock.now() / 1000)

function updateMessage(id: number, zone: string, change: Buffer): Buffer {
  const counts = [1, 0, 1, 0].map(uint16)
  return Buffer.concat([
    uint16(id),
    uint16(OPCODE_UPDATE << 11),
    ...counts,
    nameOctets(zone),
    uint16(TYPE.SOA),
    uint16(CLASS.INTERNET),
    change,
  ])
}
