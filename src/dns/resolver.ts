import { getServers } from 'node:dns'
import { isIP } from 'node:net'
import { type Answer, encode, RECURSION_DESIRED } from 'dns-packet'
import type { Random } from '../ports/random.ts'
import { type DnsServer, exchangeOverTcp, exchangeOverUdp } from './exchange.ts'
import {
  canonical,
  matchReply,
  type QueryType,
  readReply,
  type RecordValues,
  type ReplyReading,
} from './reply-reading.ts'

export interface ResolverOptions {
  /** Asked in turn: a server that is silent or fails is followed by the next. Not empty. */
  readonly servers: readonly DnsServer[]
  /** For one question, with its retries and aliases. */
  readonly timeoutMs: number
  readonly random: Random
}

export type DnsResult<T extends QueryType> =
  /** `name`: where the aliases led. Never empty. */
  | { readonly outcome: 'records'; readonly name: string; readonly records: readonly RecordValues[T][] }
  | { readonly outcome: 'nodata'; readonly name: string }
  | { readonly outcome: 'nxdomain'; readonly name: string }
  /** No usable reply; `code` says which (`SERVFAIL`, `REFUSED`, `CNAME loop`, what the network said). */
  | { readonly outcome: 'servfail'; readonly code: string }
  | { readonly outcome: 'timeout' }

/** A stub resolver: asks, and judges what comes back. Never rejects; resolves within its time limit or when the signal says so. */
export interface Resolver {
  readonly servers: readonly DnsServer[]
  query<T extends QueryType>(name: string, type: T, signal?: AbortSignal): Promise<DnsResult<T>>
}

const ATTEMPTS = 3
const ALIASES_LIMIT = 8
const UDP_PAYLOAD_SIZE = 1232
const TRUNCATED = 1 << 9

export function createResolver(options: ResolverOptions): Resolver {
  const { servers, timeoutMs } = options
  if (servers.length === 0) throw new Error('a resolver needs a server to ask')
  return {
    servers,
    async query(name, type, signal) {
      const start = canonical(name)
      const limit = startLimit(timeoutMs, signal)
      try {
        return await followAliases(options, start, type, limit.signal)
      } finally {
        limit.end()
      }
    },
  }
}

/** The system's servers, for live mode without `CERTRAIL_RESOLVER`. May be empty. */
export function systemResolvers(): readonly DnsServer[] {
  return getServers().flatMap((server) => {
    const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(server)
    const plain =
      isIP(server) > 0 ? [server, server, undefined] : (bracketed ?? /^([^:]+):(\d+)$/.exec(server))
    const host = plain?.[1]
    return host === undefined ? [] : [{ host, port: Number(plain?.[2] ?? 53) }]
  })
}

async function followAliases<T extends QueryType>(
  options: ResolverOptions,
  start: string,
  type: T,
  signal: AbortSignal,
): Promise<DnsResult<T>> {
  const seen = new Set([start])
  let name = start
  for (;;) {
    if (!canBeAsked(name)) return { outcome: 'servfail', code: 'not a name that can be asked for' }
    const reading = await ask(options, name, type, signal)
    if (reading.outcome !== 'alias') return reading
    if (seen.has(reading.name)) return { outcome: 'servfail', code: 'CNAME loop' }
    if (seen.size > ALIASES_LIMIT) return { outcome: 'servfail', code: 'too many CNAME records' }
    seen.add(reading.name)
    name = reading.name
  }
}

async function ask<T extends QueryType>(
  options: ResolverOptions,
  name: string,
  type: T,
  signal: AbortSignal,
): Promise<ReplyReading<T> | { readonly outcome: 'timeout' }> {
  let last: ReplyReading<T> | { readonly outcome: 'timeout' } = { outcome: 'timeout' }
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
    const server = options.servers[attempt % options.servers.length]
    if (server === undefined) break
    last = await askOnce(options, server, name, type, signal)
    if (last.outcome !== 'timeout' && last.outcome !== 'servfail') return last
    // A server that answers and refuses will refuse again; another one may not.
    if (last.outcome === 'servfail' && attempt + 1 >= options.servers.length) return last
  }
  return last
}

async function askOnce<T extends QueryType>(
  options: ResolverOptions,
  server: DnsServer,
  name: string,
  type: T,
  signal: AbortSignal,
): Promise<ReplyReading<T> | { readonly outcome: 'timeout' }> {
  const asked = { id: options.random.below(65_536), name, type }
  const request = {
    server,
    message: encodeQuestion(asked.id, name, type),
    isReply: (message: Buffer) => matchReply(message, asked) !== null,
    timeoutMs: options.timeoutMs / ATTEMPTS,
    signal,
  }
  let exchange = await exchangeOverUdp(request)
  if (exchange.outcome === 'reply' && (exchange.message.readUInt16BE(2) & TRUNCATED) !== 0) {
    exchange = await exchangeOverTcp(request)
  }
  if (exchange.outcome === 'give-up') return { outcome: 'timeout' }
  if (exchange.outcome === 'unreachable') return { outcome: 'servfail', code: exchange.reason }
  const packet = matchReply(exchange.message, asked)
  return packet === null ? { outcome: 'servfail', code: 'another reply' } : readReply(packet, name, type)
}

function encodeQuestion(id: number, name: string, type: QueryType): Buffer {
  const edns: Answer = {
    name: '.',
    type: 'OPT',
    udpPayloadSize: UDP_PAYLOAD_SIZE,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
    additionals: [edns],
  })
}

/** RFC 1035 section 2.3.4. The library would write a longer label as something else. */
const canBeAsked = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => /^[\x21-\x2d\x2f-\x7e]{1,63}$/.test(label))

function startLimit(timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  outer?.addEventListener('abort', abort)
  if (outer?.aborted === true) abort()
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
  }
}
