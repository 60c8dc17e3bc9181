import { isIP } from 'node:net'
import type { X509Certificate } from 'node:crypto'
import { type Instant, toWireTime } from '../../domain/time.ts'
import { CLIENT_SIGNATURES } from '../../domain/tls-policy/client-signatures.ts'
import {
  certificationPath,
  issuerOf,
  judgeChain,
  notAfter,
  notBefore,
  subjectOf,
} from '../chain-judgement.ts'
import type { OutboundFetch } from '../../outbound/guarded-fetch.ts'
import { type Handshake, handshake, serverNameFor } from '../handshake.ts'
import { type RevocationStanding, revocationsOf, revokedIn, unreadIn } from '../revocation-look.ts'
import { type Addresses, addressesOf } from './addresses.ts'
import type { CheckState } from './states.ts'
import type { CheckTarget } from './targets.ts'

/** One certificate at one address; or an address, or a name, that shows none. */
export interface CheckResult {
  readonly name: string
  /** `host:port`; null: there was none to connect to. */
  readonly address: string | null
  readonly state: CheckState
  /** What is wrong, in words. */
  readonly problems: readonly string[]
  /** What could not be found out, and is no fault. */
  readonly notes: readonly string[]
  /** What revocation lists say of the leaf and its issuers; empty where nobody asked, or the chain leads to no root. */
  readonly revocation: readonly RevocationStanding[]
  readonly certificate: {
    /** Of its whole lifetime, by the clock; 0: expired. */
    readonly lifeLeft: number
    readonly notBefore: string
    readonly notAfter: string
    readonly serialNumber: string
    /** `ec`, `rsa` … */
    readonly keyType: string
    readonly issuer: string
    /** Subjects, leaf first, as presented. */
    readonly chain: readonly string[]
  } | null
}

export interface CheckRules {
  readonly roots: readonly X509Certificate[]
  readonly at: Instant
  /** Shares of the lifetime: less than that is left. */
  readonly warning: number
  readonly critical: number
  readonly timeoutMs: number
  /** Null: revocation lists are left alone. */
  readonly fetchList: OutboundFetch | null
  /** For tests: who looks names up. */
  readonly lookUp?: (host: string, timeoutMs: number) => Promise<Addresses>
}

/** Every address of a name, and at each the certificate of either key type that a client may be given. Never throws. */
export async function checkTarget(target: CheckTarget, rules: CheckRules): Promise<readonly CheckResult[]> {
  const addresses = await (rules.lookUp ?? addressesOf)(target.host, rules.timeoutMs)
  if (!addresses.found)
    return [withoutCertificate(target, null, addresses.unknown ? 'unknown' : 'critical', addresses.reason)]
  const all = await Promise.all(addresses.addresses.map((address) => checkAddress(target, address, rules)))
  const reached = all.filter(({ isOutOfReach }) => !isOutOfReach)
  // A machine without IPv6 cannot judge a name's IPv6 addresses; that is a fault only where nothing else could be judged.
  return (reached.length > 0 ? reached : all).flatMap(({ results }) => results)
}

/** This machine has no way there. */
const OUT_OF_REACH: readonly (string | null)[] = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

async function checkAddress(
  target: CheckTarget,
  host: string,
  rules: CheckRules,
): Promise<{ readonly isOutOfReach: boolean; readonly results: readonly CheckResult[] }> {
  const address = isIP(host) === 6 ? `[${host}]:${target.port}` : `${host}:${target.port}`
  const shake = (sigalgs?: string): Promise<Handshake> =>
    handshake({
      address,
      serverName: isIP(target.name) === 0 ? serverNameFor(target.name) : '',
      timeoutMs: rules.timeoutMs,
      ...(sigalgs === undefined ? {} : { sigalgs }),
    })
  const first = await shake()
  if (!first.served) {
    const isOutOfReach = OUT_OF_REACH.includes(first.code)
    const state = isOutOfReach ? 'unknown' : 'critical'
    return { isOutOfReach, results: [withoutCertificate(target, address, state, first.reason)] }
  }
  const chains = [first.seen.chain]
  const other = await shake(signaturesOfTheOther(first.seen.chain[0]))
  if (other.served && other.seen.chain[0]?.fingerprint256 !== first.seen.chain[0]?.fingerprint256)
    chains.push(other.seen.chain)
  return {
    isOutOfReach: false,
    results: await Promise.all(chains.map((chain) => judged(target, address, chain, rules))),
  }
}

/** A dual-stacked name has a second certificate, which only clients see that lack the first one's signatures. */
const signaturesOfTheOther = (leaf: X509Certificate | undefined): string =>
  leaf?.publicKey.asymmetricKeyType === 'ec' ? CLIENT_SIGNATURES.RSA : CLIENT_SIGNATURES.ECDSA

async function judged(
  { name }: CheckTarget,
  address: string,
  chain: readonly X509Certificate[],
  rules: CheckRules,
): Promise<CheckResult> {
  const leaf = chain[0] as X509Certificate
  const { roots, at } = rules
  const serverName = isIP(name) === 0 ? serverNameFor(name) : name
  const revocation = await revocationOf(chain, rules)
  const faults = [...judgeChain({ chain, roots, serverName, at }), ...revokedIn(revocation)]
  const lifeLeft = Math.max(0, (notAfter(leaf) - at) / (notAfter(leaf) - notBefore(leaf)))
  const ageing = faults.length > 0 ? null : ageingState(lifeLeft, rules)
  return {
    name,
    address,
    state: faults.length > 0 ? 'critical' : (ageing ?? 'ok'),
    problems: ageing === null ? faults : [`only ${percent(lifeLeft)} of its lifetime is left`],
    notes: unreadIn(revocation),
    revocation,
    certificate: {
      lifeLeft,
      notBefore: toWireTime(notBefore(leaf)),
      notAfter: toWireTime(notAfter(leaf)),
      serialNumber: leaf.serialNumber,
      keyType: leaf.publicKey.asymmetricKeyType ?? 'unknown',
      issuer: issuerOf(leaf),
      chain: chain.map(subjectOf),
    },
  }
}

/** Without a way to a root nobody is known who could have signed a list. */
async function revocationOf(
  chain: readonly X509Certificate[],
  { roots, at, fetchList: fetch }: CheckRules,
): Promise<readonly RevocationStanding[]> {
  const path = fetch === null ? null : certificationPath({ chain, roots })
  return path === null || fetch === null ? [] : revocationsOf({ path, at, fetch })
}

function ageingState(lifeLeft: number, { warning, critical }: CheckRules): CheckState | null {
  if (lifeLeft < critical) return 'critical'
  return lifeLeft < warning ? 'warning' : null
}

/** `12.5%`; whole from ten up. */
export const percent = (share: number): string =>
  `${share >= 0.1 ? Math.floor(share * 100) : Math.floor(share * 1_000) / 10}%`

const withoutCertificate = (
  { name }: CheckTarget,
  address: string | null,
  state: CheckState,
  problem: string,
): CheckResult => ({
  name,
  address,
  state,
  problems: [problem],
  notes: [],
  revocation: [],
  certificate: null,
})
