import type { Answer, OptAnswer } from 'dns-packet'

/** One record, its owner name canonical (lower case, no trailing dot), its TTL in seconds. */
export type ResourceRecord = Exclude<Answer, OptAnswer>

/** What the authority section of a negative answer is made of. RFC 2308 section 3. */
export interface Zone {
  /** Canonical name of the zone's apex. */
  readonly apex: string
  readonly nameServer: string
  /** Mailbox as a DNS name (RFC 1035 section 3.3.13). */
  readonly mailbox: string
  readonly serial: number
  /** Also the time that negative answers may be kept. */
  readonly ttlSeconds: number
  /** For secondaries, of which there are none; what a keeper wrote is shown all the same. */
  readonly timers?: { readonly refresh: number; readonly retry: number; readonly expire: number }
}

export type Lookup =
  /** A CNAME may stand for any other type at its name; the asker follows it. */
  | { readonly outcome: 'records'; readonly zone: Zone; readonly records: readonly ResourceRecord[] }
  /** The name exists, without such a record. */
  | { readonly outcome: 'no-data'; readonly zone: Zone }
  | { readonly outcome: 'no-such-name'; readonly zone: Zone }
  /** The name belongs to a part of the zone that others answer for: `servers` are its NS. */
  | { readonly outcome: 'delegated'; readonly zone: Zone; readonly servers: readonly ResourceRecord[] }

/**
 * Where the responder's answers come from. Reads only, and only what holds at this moment. `null`: the name is not
 * in any zone of this source, so the next one is asked, and after the last the answer is REFUSED. A throw becomes SERVFAIL.
 */
export interface RecordSource {
  /** `name` is canonical; `type` is the mnemonic (`TXT`), or `UNKNOWN_n` for a number without one. */
  lookup(name: string, type: string): Promise<Lookup | null>
}

/** RFC 1035 section 3.3.13. There are no zone transfers, so only `minimum` is read by anyone. */
export function startOfAuthority(zone: Zone): ResourceRecord {
  return {
    name: zone.apex,
    type: 'SOA',
    ttl: zone.ttlSeconds,
    data: {
      mname: zone.nameServer,
      rname: zone.mailbox,
      serial: zone.serial,
      ...(zone.timers ?? { refresh: 3600, retry: 600, expire: 86_400 }),
      minimum: zone.ttlSeconds,
    },
  }
}

/** Of zones that nobody delegated to us: a name that cannot be looked up. */
export const OWN_NAME_SERVER = 'ns.certrail.invalid'

const TEXT_STRING_LIMIT = 255

/** A value longer than one character-string is cut into several, which readers join again (RFC 1035 section 3.3.14). */
export function textRecord(name: string, value: string, ttlSeconds: number): ResourceRecord {
  const octets = Buffer.from(value, 'utf8')
  const strings: Buffer[] = []
  for (let at = 0; at < octets.length; at += TEXT_STRING_LIMIT) {
    strings.push(octets.subarray(at, at + TEXT_STRING_LIMIT))
  }
  return { name, type: 'TXT', ttl: ttlSeconds, data: strings.length > 0 ? strings : [octets] }
}
