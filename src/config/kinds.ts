import { type Pace, PACED_STATUSES } from '../domain/change/pace.ts'
import { canonicalName } from '../domain/enrollment/names.ts'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseDuration } from '../domain/duration.ts'
import type { OrderLimit } from '../domain/renewal/order-limit.ts'
import { CPS_LEAD_DAYS, type LeadDays } from '../domain/renewal/renewal-start.ts'

/** How the text of a setting becomes its value. */
export interface Kind<T> {
  /** What is allowed, as it completes `NAME: …`. */
  readonly allowed: string
  /** Undefined when the text is not allowed. Relative paths stand below `base`. */
  parse(text: string, base: string): T | undefined
}

export interface Duration {
  readonly milliseconds: number
}

export interface Quota {
  /** Null: as many as there may be. */
  readonly most: number | null
}

export interface OrderQuota {
  /** Null: as many as anybody likes. */
  readonly most: OrderLimit | null
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export type TrustedRoots =
  | { readonly kind: 'any' }
  | { readonly kind: 'system' }
  | { readonly kind: 'files'; readonly paths: readonly string[] }

const MAX_PORT = 65_535
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const portOf = (text: string, least: number): number | undefined => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  return port >= least && port <= MAX_PORT ? port : undefined
}

const isHost = (text: string): boolean => isIP(text) !== 0 || (DNS_NAME.test(text) && !/^[\d.]+$/.test(text))

const wordsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

export const text: Kind<string> = { allowed: 'any text', parse: (given) => given }

export const path: Kind<string> = { allowed: 'a path', parse: (given, base) => resolve(base, given) }

export const port: Kind<number> = {
  allowed: 'a port, 0 to 65535 (0: any free one)',
  parse: (given) => portOf(given, 0),
}

export const fixedPort: Kind<number> = { allowed: 'a port, 1 to 65535', parse: (given) => portOf(given, 1) }

export const trueOrFalse: Kind<boolean> = {
  allowed: '`true` or `false`',
  parse: (given) => (given === 'true' ? true : given === 'false' ? false : undefined),
}

export const duration: Kind<Duration> = {
  allowed: 'an ISO 8601 duration such as `PT30S` or `P30D`',
  parse(given) {
    const milliseconds = parseDuration(given)
    return milliseconds === null ? undefined : { milliseconds }
  },
}

export const smtpUrl: Kind<string> = {
  allowed: 'a URL that begins with `smtp://` or `smtps://`',
  parse: (given) => (/^smtps?:\/\/[^\s/]+\/?$/.test(given) && URL.canParse(given) ? given : undefined),
}

const MOST_LEAD_DAYS = 365

/** Types that are not named keep their usual cap. */
export const leadDays: Kind<LeadDays> = {
  allowed: `\`TYPE=DAYS\` separated by commas, of \`ev\`, \`ov\`, \`third-party\` and \`dv\`, 1 to ${MOST_LEAD_DAYS} days each`,
  parse(given) {
    const pairs = wordsOf(given).map((word) => /^(ev|ov|third-party|dv)=(\d{1,3})$/.exec(word))
    const days = pairs.map((pair) => Number(pair?.[2] ?? 0))
    if (pairs.length === 0 || days.some((each) => each < 1 || each > MOST_LEAD_DAYS)) return undefined
    return { ...CPS_LEAD_DAYS, ...Object.fromEntries(pairs.map((pair, index) => [pair?.[1], days[index]])) }
  },
}

/** Durations by step; of all steps alike where only one is given. */
export const pace: Kind<Pace> = {
  allowed: '`instant`, an ISO 8601 duration for every step, or `STATUS=DURATION` separated by commas',
  parse(given) {
    if (given === 'instant') return {}
    const all = parseDuration(given)
    if (all !== null) return Object.fromEntries(PACED_STATUSES.map((status) => [status, all]))
    const pairs = wordsOf(given).map((word) => {
      const [status = '', each = ''] = word.split('=')
      return [status, parseDuration(each)] as const
    })
    const isKnown = pairs.every(
      ([status, each]) => PACED_STATUSES.some((one) => one === status) && each !== null,
    )
    return pairs.length > 0 && isKnown ? Object.fromEntries(pairs) : undefined
  },
}

export const seedNumber: Kind<number> = {
  allowed: 'a whole number, 0 to 2147483647',
  parse(given) {
    const seed = /^\d{1,10}$/.test(given) ? Number(given) : -1
    return seed >= 0 && seed < 2 ** 31 ? seed : undefined
  },
}

export const count: Kind<number> = {
  allowed: 'a whole number, 1 to 9999999',
  parse: (given) => (/^[1-9]\d{0,6}$/.test(given) ? Number(given) : undefined),
}

export const quota: Kind<Quota> = {
  allowed: 'a whole number, or `none`',
  parse(given) {
    if (given === 'none') return { most: null }
    return /^\d{1,9}$/.test(given) ? { most: Number(given) } : undefined
  },
}

export const orderLimit: Kind<OrderQuota> = {
  allowed: '`ORDERS/PERIOD` such as `300/PT3H`, or `none`',
  parse(given) {
    if (given === 'none') return { most: null }
    const [orders = '', period = '', ...more] = given.split('/')
    const periodMs = parseDuration(period)
    if (!/^[1-9]\d{0,6}$/.test(orders) || periodMs === null || periodMs === 0 || more.length > 0)
      return undefined
    return { most: { orders: Number(orders), periodMs } }
  },
}

export const endpoint: Kind<Endpoint> = {
  allowed: '`host:port`, IPv6 as `[::1]:53`',
  parse(given) {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(given)
    const host = match?.[1] ?? match?.[2] ?? ''
    const number = portOf(match?.[3] ?? '', 1)
    return number !== undefined && isHost(host) ? { host, port: number } : undefined
  },
}

export const endpoints: Kind<readonly Endpoint[]> = {
  allowed: '`host:port`, one or more, separated by commas',
  parse(given, base) {
    const found = wordsOf(given).map((word) => endpoint.parse(word, base))
    const known = found.filter((one) => one !== undefined)
    return known.length > 0 && known.length === found.length ? known : undefined
  },
}

export interface NamedEndpoint extends Endpoint {
  readonly name: string
}

export const namedEndpoints: Kind<readonly NamedEndpoint[]> = {
  allowed: '`host:port=name`, one or more, separated by commas, each address once',
  parse(given, base) {
    const found = wordsOf(given).map((word) => namedEndpointOf(word, base))
    const known = found.filter((one) => one !== undefined)
    const addresses = new Set(known.map(({ host, port }) => `${host} ${port}`))
    return known.length > 0 && known.length === found.length && addresses.size === known.length
      ? known
      : undefined
  },
}

function namedEndpointOf(word: string, base: string): NamedEndpoint | undefined {
  const at = word.lastIndexOf('=')
  const address = endpoint.parse(word.slice(0, at), base)
  const name = canonicalName(word.slice(at + 1))
  return at < 0 || address === undefined || !name.ok ? undefined : { ...address, name: name.name }
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export const owner: Kind<Owner> = {
  allowed: '`UID:GID`, both as numbers',
  parse(given) {
    const match = /^(\d{1,10}):(\d{1,10})$/.exec(given)
    return match === null ? undefined : { uid: Number(match[1]), gid: Number(match[2]) }
  },
}

export const fileMode: Kind<number> = {
  allowed: 'a file mode in octal, `0600` to `0660`: the owner and at most the group',
  parse: (given) => (/^0?6[046]0$/.test(given) ? Number.parseInt(given, 8) : undefined),
}

export const addresses: Kind<readonly string[]> = {
  allowed: 'IP addresses, separated by commas',
  parse: (given) => listOf(given, (word) => isIP(word) !== 0),
}

export const hosts: Kind<readonly string[]> = {
  allowed: 'DNS names and IP addresses, separated by commas',
  parse: (given) => listOf(given, isHost),
}

export const trustedRoots: Kind<TrustedRoots> = {
  allowed: '`any`, `system`, or paths of PEM files, separated by commas',
  parse(given, base) {
    if (given === 'any' || given === 'system') return { kind: given }
    const paths = wordsOf(given).map((word) => resolve(base, word))
    return paths.length > 0 ? { kind: 'files', paths } : undefined
  },
}

export const failpoint: Kind<string> = {
  allowed: '`before:STEP`, `during:STEP` or `after:STEP`',
  parse: (given) => (/^(before|during|after):[a-z0-9]+(-[a-z0-9]+)*$/.test(given) ? given : undefined),
}

export const host: Kind<string> = {
  allowed: 'a DNS name',
  parse: (given) => (DNS_NAME.test(given) && isIP(given) === 0 ? given : undefined),
}

export interface NameServerSetting {
  readonly name: string
  readonly addresses: readonly string[]
}

export const nameServers: Kind<readonly NameServerSetting[]> = {
  allowed:
    'DNS names separated by commas, each with `=ADDRESS` where it needs one (several: `=ADDRESS=ADDRESS`)',
  parse(given) {
    const servers = wordsOf(given).map((word) => {
      const [name = '', ...addresses] = word.split('=')
      return { name: name.toLowerCase(), addresses }
    })
    const fits = servers.every(
      ({ name, addresses }) => DNS_NAME.test(name) && addresses.every((one) => isIP(one) !== 0),
    )
    return servers.length > 0 && fits ? servers : undefined
  },
}

const PREFLIGHTS = ['strict', 'advise', 'off'] as const

export interface Preflights {
  readonly default: (typeof PREFLIGHTS)[number]
  readonly accounts: Readonly<Record<string, (typeof PREFLIGHTS)[number]>>
}

export const preflight: Kind<Preflights> = {
  allowed: '`strict`, `advise` or `off`, then `ACCOUNT=WORD` for accounts of their own, separated by commas',
  parse(given) {
    const [first = '', ...others] = wordsOf(given)
    const wordOf = (text: string | undefined) => PREFLIGHTS.find((word) => word === text)
    const word = wordOf(first)
    const accounts = others.map((other) => {
      const [, account = '', text] = /^([^=\s]+)=(\S+)$/.exec(other) ?? []
      return [account, wordOf(text)] as const
    })
    const known = accounts.flatMap(([account, own]) => (own === undefined ? [] : [[account, own] as const]))
    if (word === undefined || known.length !== accounts.length) return undefined
    return { default: word, accounts: Object.fromEntries(known) }
  },
}

export const oneOf = <const T extends string>(...words: readonly T[]): Kind<T> => ({
  allowed: words.map((word) => `\`${word}\``).join(' or '),
  parse: (given) => words.find((word) => word === given),
})

export const someOf = <const T extends string>(...words: readonly T[]): Kind<readonly T[]> => ({
  allowed: `${words.map((word) => `\`${word}\``).join(', ')}: one or more, separated by commas`,
  parse(given) {
    const found = wordsOf(given).map((word) => words.find((known) => known === word))
    const known = found.filter((word) => word !== undefined)
    return known.length > 0 && known.length === found.length ? [...new Set(known)] : undefined
  },
})

export const either = <A, B>(first: Kind<A>, second: Kind<B>): Kind<A | B> => ({
  allowed: `${first.allowed}, or ${second.allowed}`,
  parse: (given, base) => first.parse(given, base) ?? second.parse(given, base),
})

export const url = (...schemes: readonly string[]): Kind<string> => ({
  allowed: `a URL that begins with ${schemes.map((scheme) => `\`${scheme}://\``).join(' or ')}`,
  parse(given) {
    const scheme = URL.canParse(given) ? new URL(given).protocol.slice(0, -1) : ''
    return schemes.includes(scheme) && given.startsWith(`${scheme}://`) ? given : undefined
  },
})

/** libpq's form without a host, `postgresql://user@/name?host=/socket/directory`, is one that `URL` refuses. */
export const databaseUrl: Kind<string> = {
  allowed: 'a URL that begins with `postgresql://` or `postgres://`',
  parse: (given) => (/^postgres(ql)?:\/\/\S+$/.test(given) ? given : undefined),
}

function listOf(given: string, isAllowed: (word: string) => boolean): readonly string[] | undefined {
  const words = wordsOf(given)
  return words.length > 0 && words.every(isAllowed) ? [...new Set(words)] : undefined
}
