import { readFileSync } from 'node:fs'
import type { Network } from '../domain/network.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import {
  certificatesOf,
  certificationPath,
  issuerOf,
  judgeChain,
  namesIn,
  notAfter,
  notBefore,
  subjectOf,
} from './chain-judgement.ts'
import type { OutboundFetch } from '../outbound/guarded-fetch.ts'
import { type RevocationStanding, revocationsOf, revokedIn } from './revocation-look.ts'
import { Failure } from './failure.ts'
import { handshake, serverNameFor } from './handshake.ts'
import type { Home } from './home.ts'

/** One handshake and what to think of it. The JSON of `certrail probe`. */
export interface ProbeReport {
  readonly name: string
  readonly network: Network | null
  readonly address: string
  readonly served: boolean
  readonly valid: boolean
  /** Why it is not served or not valid. */
  readonly problems: readonly string[]
  /** What revocation lists say of the leaf and its issuers; empty where nobody asked, or the chain leads to no root. */
  readonly revocation: readonly RevocationStanding[]
  /** The moment of the lifecycle clock by which validity was judged. */
  readonly judgedAt: string
  readonly handshake: {
    readonly protocol: string
    readonly cipher: string
    readonly subject: string
    readonly issuer: string
    readonly names: readonly string[]
    readonly serialNumber: string
    readonly notBefore: string
    readonly notAfter: string
    readonly fingerprint256: string
    /** Subjects, leaf first, as presented. */
    readonly chain: readonly string[]
  } | null
}

export interface ProbeQuestion {
  readonly name: string
  readonly network: Network | null
  readonly address: string
  /** PEM. */
  readonly roots: string
  readonly at: Instant
  /** Null: revocation lists are left alone. */
  readonly fetchList: OutboundFetch | null
}

export async function probeName(question: ProbeQuestion): Promise<ProbeReport> {
  const { name, network, address, at, fetchList } = question
  const serverName = serverNameFor(name)
  const result = await handshake({ address, serverName })
  const known = { name, network, address, judgedAt: toWireTime(at) }
  if (!result.served)
    return {
      ...known,
      served: false,
      valid: false,
      problems: [result.reason],
      revocation: [],
      handshake: null,
    }
  const { chain, protocol, cipher } = result.seen
  const roots = certificatesOf(question.roots)
  const faults = judgeChain({ chain, roots, serverName, at })
  const leaf = chain[0]
  if (leaf === undefined)
    return { ...known, served: false, valid: false, problems: faults, revocation: [], handshake: null }
  const path = fetchList === null ? null : certificationPath({ chain, roots })
  const revocation =
    path === null || fetchList === null ? [] : await revocationsOf({ path, at, fetch: fetchList })
  const problems = [...faults, ...revokedIn(revocation)]
  return {
    ...known,
    served: true,
    valid: problems.length === 0,
    problems,
    revocation,
    handshake: {
      protocol,
      cipher,
      subject: subjectOf(leaf),
      issuer: issuerOf(leaf),
      names: namesIn(leaf),
      serialNumber: leaf.serialNumber,
      notBefore: toWireTime(notBefore(leaf)),
      notAfter: toWireTime(notAfter(leaf)),
      fingerprint256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
      chain: chain.map(subjectOf),
    },
  }
}

/** PEM text of the roots that edge certificates are judged by: `--cacert`, else the home's. */
export function probeRoots(home: Home, cacert: string | undefined): string {
  const path = cacert ?? home.root
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Failure({
      title: 'No roots to judge by',
      detail: `${path} cannot be read. Name another with --cacert.`,
    })
  }
}
