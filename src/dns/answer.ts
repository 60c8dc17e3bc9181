import type { Logger } from 'pino'
import { type Query, RCODE, readQuery, type ResponseCode } from './query.ts'
import { type RecordSource, type ResourceRecord, startOfAuthority } from './record-source.ts'
import type { Reply } from './reply.ts'

export interface AnswererOptions {
  /** Asked in this order; the first that knows the name answers. */
  readonly sources: readonly RecordSource[]
  readonly log: Pick<Logger, 'warn'>
}

/** One message in, its reply out; null: nothing is sent. Never throws, never rejects. */
export type Answerer = (message: Buffer) => Promise<Reply | null>

/** RFC 5936 section 2.2.1 lets a server refuse transfers; MAILA and MAILB are obsolete. */
const REFUSED_TYPES = new Set(['AXFR', 'IXFR', 'UNKNOWN_253', 'UNKNOWN_254'])

export function createAnswerer(options: AnswererOptions): Answerer {
  return async (message) => {
    const reading = readQuery(message)
    if (reading.outcome === 'ignore') return null
    if (reading.outcome === 'refuse')
      return { ...reading, authoritative: false, answers: [], authorities: [] }
    try {
      return await answerQuery(reading.query, options.sources)
    } catch (error) {
      options.log.warn({ err: error, type: reading.query.type }, 'a DNS query could not be answered')
      return codeAlone(reading.query, RCODE.SERVFAIL)
    }
  }
}

async function answerQuery(query: Query, sources: readonly RecordSource[]): Promise<Reply> {
  const name = query.name.toLowerCase()
  if (REFUSED_TYPES.has(query.type)) return codeAlone(query, RCODE.REFUSED)
  for (const source of sources) {
    const lookup = await source.lookup(name, query.type)
    if (lookup === null) continue
    if (lookup.outcome === 'delegated')
      return { ...codeAlone(query, RCODE.NOERROR), authorities: lookup.servers }
    const base = { ...codeAlone(query, RCODE.NOERROR), authoritative: true }
    if (lookup.outcome === 'records')
      return { ...base, answers: lookup.records.map((it) => inAskedCase(it, query, name)) }
    const authorities = [startOfAuthority(lookup.zone)]
    if (lookup.outcome === 'no-such-name') return { ...base, code: RCODE.NXDOMAIN, authorities }
    return query.type === 'ANY' ? { ...base, answers: [minimalAny(query)] } : { ...base, authorities }
  }
  return codeAlone(query, RCODE.REFUSED)
}

function codeAlone(query: Query, code: ResponseCode): Reply {
  const { header, questionOctets, edns } = query
  return { header, questionOctets, edns, code, authoritative: false, answers: [], authorities: [] }
}

const inAskedCase = (record: ResourceRecord, query: Query, name: string): ResourceRecord =>
  record.name === name ? { ...record, name: query.name } : record

/** RFC 8482 section 4.2: ANY is answered, and cannot be used to amplify. */
const minimalAny = (query: Query): ResourceRecord => ({
  name: query.name,
  type: 'HINFO',
  ttl: 3600,
  data: { cpu: 'RFC8482', os: '' },
})
