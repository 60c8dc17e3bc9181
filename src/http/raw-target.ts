import { Problem } from '../errors/problem.ts'

export interface RawTarget {
  readonly path: string
  /** Without the question mark; empty when there is none. */
  readonly query: string
}

interface TargetRule {
  readonly broken: (target: string, path: string) => boolean
  readonly detail: string
}

/**
 * What is signed, what is routed and what is meant must be one thing; a target that a proxy, a URL parser or we could read in two
 * ways is refused before anybody does.
 */
const RULES: readonly TargetRule[] = [
  { broken: (target) => !target.startsWith('/'), detail: 'The request target must be a path.' },
  {
    broken: (target) => /[^\x21-\x7e]|[\\#]/.test(target),
    detail: 'The request target holds characters that no URL may hold.',
  },
  { broken: (_, path) => path.includes('//'), detail: 'The path holds an empty segment.' },
  {
    broken: (_, path) => path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment)),
    detail: 'The path holds a segment that points elsewhere.',
  },
  { broken: (_, path) => /%(2f|5c)/i.test(path), detail: 'The path holds an encoded slash.' },
  { broken: (target) => /%00/.test(target), detail: 'The request target holds an encoded NUL.' },
]

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(:\d{1,5})?$/i

/** @throws Problem 'malformed-request' */
export function readTarget(target: string): RawTarget {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const rule = RULES.find(({ broken }) => broken(target, path))
  if (rule !== undefined) throw new Problem('malformed-request', { detail: rule.detail })
  return { path, query: mark === -1 ? '' : target.slice(mark + 1) }
}

/**
 * RFC 9112 section 3.2: exactly one Host, and one that can be a host.
 * @throws Problem 'malformed-request'
 */
export function readHost(rawHeaders: readonly string[]): string {
  const hosts = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host',
  )
  const [host] = hosts
  if (host === undefined || hosts.length > 1 || !isHost(host))
    throw new Problem('malformed-request', { detail: 'The Host header is missing or is not a host.' })
  return host
}

/** Also for URL parsers, which know no port above 65535 and no fifth number in an address. */
export const isHost = (host: string): boolean => HOST.test(host) && URL.canParse(`https://${host}/`)
