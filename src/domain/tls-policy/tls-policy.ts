import type { NetworkConfiguration } from '../enrollment/enrollment.ts'
import { cipherProfile } from './cipher-profiles.ts'

/** From old to new. Edges speak nothing below: RFC 8996 forbids TLS 1.0 and 1.1. */
export const SPOKEN_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof SPOKEN_VERSIONS)[number]

/** How the CPS API writes them (`disallowedTlsVersions`). */
const WIRE_NAMES: Readonly<Record<TlsVersion, string>> = { 'TLSv1.2': 'TLSv1_2', 'TLSv1.3': 'TLSv1_3' }

/** What a network's settings mean for a handshake, in OpenSSL's names: what every kind of edge carries out. */
export interface TlsPolicy {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** TLS 1.3, in the server's preference. */
  readonly suites: readonly string[]
  /** TLS 1.2, in the server's preference. */
  readonly ciphers: readonly string[]
  /** Key exchange groups, in the server's preference. */
  readonly groups: readonly string[]
  /** RFC 7301, in the server's preference. */
  readonly alpn: readonly string[]
}

const GROUPS = ['X25519', 'P-256', 'P-384']

/** NIST SP 800-52r2 section 3.3.1: approved algorithms alone. It does not make the module behind them a validated one. */
const isApprovedCipher = (name: string): boolean => /AES(128|256)-GCM/.test(name) && name.startsWith('ECDHE')
const isApprovedSuite = (name: string): boolean => name.includes('AES')
const isApprovedGroup = (name: string): boolean => name.startsWith('P-')

/** Must-have ciphers come first, since they are what the caller insists on; preferred ones follow. */
export function tlsPolicy(settings: NetworkConfiguration): TlsPolicy {
  const profiles = [settings.mustHaveCiphers, settings.preferredCiphers].map(cipherProfile)
  const approved = (isApproved: (name: string) => boolean) => (name: string) =>
    !settings.fipsMode || isApproved(name)
  const versions = spokenVersions(settings.disallowedTlsVersions)
  return {
    minVersion: versions[0] ?? 'TLSv1.3',
    maxVersion: versions.at(-1) ?? 'TLSv1.3',
    suites: union(profiles.map(({ suites }) => suites)).filter(approved(isApprovedSuite)),
    ciphers: union(profiles.map(({ ciphers }) => ciphers)).filter(approved(isApprovedCipher)),
    groups: GROUPS.filter(approved(isApprovedGroup)),
    alpn: ['h2', 'http/1.1'],
  }
}

/** Empty: a client has no version left to speak. */
export const spokenVersions = (disallowed: readonly string[]): readonly TlsVersion[] =>
  SPOKEN_VERSIONS.filter((version) => !disallowed.includes(WIRE_NAMES[version]))

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]
