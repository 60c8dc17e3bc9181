import type { Network } from '../domain/network.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { IssuingProfile } from '../domain/policy/rules.ts'
import type { OrderLimit } from '../domain/renewal/order-limit.ts'
import type { LeadDays } from '../domain/renewal/renewal-start.ts'
import type { Quotas } from '../domain/quotas.ts'
import type { ValidationPolicy } from '../domain/validation/policy.ts'
import type { NameServer } from '../dns/delegated-zone.ts'
import type { Seed } from '../config/seed.ts'
import type { TrustedRootsSetting } from './trusted-roots.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** One CA account: a row of the configuration, or what the settings of the first ones say. */
export interface AuthorityAccountSettings {
  readonly name: string
  readonly directoryUrl: string
  readonly validationTypes: readonly ('dv' | 'ov' | 'ev')[]
  readonly orgId: number | null
  readonly profile: string | null
  readonly contacts: readonly string[]
  readonly externalAccount: {
    readonly kid: string
    /** Base64url, or the file that holds it. */
    readonly hmacKey: { readonly text: string } | { readonly file: string }
  } | null
  readonly keyFile: string | null
  /** Null: it takes as many new orders as anybody likes. */
  readonly orderLimit: OrderLimit | null
  /** Null: those of `LiveSettings`. */
  readonly roots: TrustedRootsSetting | null
}

/** What only live mode has. */
export interface LiveSettings {
  readonly accounts: readonly AuthorityAccountSettings[]
  /** PEM file to trust for the ACME servers' own TLS; null: the system's roots. */
  readonly caFile: string | null
  /** For accounts that have none of their own; null: by the directory (docs/config.md, CERTRAIL_AUTHORITY_ROOTS). */
  readonly roots: TrustedRootsSetting | null
}

/** What serves a network. */
export type EdgeSetting =
  | { readonly kind: 'builtin'; readonly slots: readonly (Endpoint & { readonly name: string })[] }
  | {
      readonly kind: 'haproxy'
      readonly addresses: readonly Endpoint[]
      readonly candidate: Endpoint
      readonly socket: string
      /** How it is asked for a reload; null: it cannot be. The socket of the master CLI goes before a command for `sh -c`. */
      readonly masterSocket: string | null
      readonly reload: string | null
      readonly folder: string
    }
  | {
      readonly kind: 'directory'
      readonly addresses: readonly Endpoint[]
      readonly folder: string
      /** For `sh -c`. */
      readonly reload: string
      readonly owner: { readonly uid: number; readonly gid: number } | null
      readonly mode: number
      /** Null: no PKCS#12 files. */
      readonly pkcs12PasswordFile: string | null
    }

/** What the parts are built from: the configuration, worked out (main.ts). */
export interface ServiceSettings {
  readonly home: string
  readonly instance: string
  readonly mode: 'sandbox' | 'live'
  /** Null in the sandbox. */
  readonly live: LiveSettings | null
  readonly roles: ReadonlySet<'api' | 'jobs' | 'edge'>
  readonly hosts: readonly string[]
  /** Where the rest of the world finds what is bound there; null: at those very addresses. */
  readonly advertisedHosts: readonly string[] | null
  /** Default addresses may be lacking on the host; those that somebody asked for may not. */
  readonly passOverMissingHosts: boolean
  readonly apiNames: readonly string[]
  readonly ports: {
    readonly api: number
    readonly staging: number
    readonly production: number
    readonly http: number
    readonly dns: number
    readonly metrics: number
  }
  readonly edges: Readonly<Record<Network, EdgeSetting>>
  /** Null: our own responder. */
  readonly resolver: Endpoint | null
  /** Where http-01 looks connect; null: our HTTP port with our own responder, else 80. */
  readonly validationHttpPort: number | null
  /** Where https is asked after a redirect; null: 443. */
  readonly validationHttpsPort: number | null
  /** Where authoritative servers are asked; null: 53. */
  readonly validationDnsPort: number | null
  /** Where users redirect the challenge path to; null: the first API name, at our HTTP port. */
  readonly challengeHost: string | null
  /** The zone to which users alias `_acme-challenge`; null: none. */
  readonly delegation: { readonly zone: string; readonly nameServers: readonly NameServer[] } | null
  /** File that says who writes TXT records into which zone; null: nobody but people. */
  readonly dnsProviders: string | null
  /** What outbound fetches may reach. */
  readonly targets: 'any' | 'loopback' | 'public'
  readonly validation: ValidationPolicy
  readonly keyAlgorithm: KeyAlgorithm
  readonly renewalLeadDays: LeadDays
  /** Null: nobody is told by mail. */
  readonly mail: { readonly url: string; readonly from: string } | null
  readonly noticeDigestMs: number
  /** Null: nobody listens for one. `url` may hold a secret. */
  readonly heartbeat: { readonly url: string; readonly everyMs: number } | null
  /** How the sandbox CA issues DV certificates. */
  readonly sandboxProfile: IssuingProfile
  /** Of the sandbox CA; null: as many new orders as anybody likes. */
  readonly orderLimit: OrderLimit | null
  readonly preVerification: 'pass' | 'review'
  /** What counts as a standard root for third-party uploads. */
  readonly trustedRoots: TrustedRootsSetting
  readonly rateLimits: 'off' | 'cps'
  readonly quotas: Quotas
  readonly wireSpelling: 'coodinate' | 'coordinate'
  readonly edgeKeepsLoadedMs: number
  /** How many deployments a built-in edge keeps ready at a time. */
  readonly edgeReadyCertificates: number
  /** How long the local CA checks an organisation; null: an operator decides. */
  readonly vettingMs: number | null
  readonly failpoint: string | null
  /** Unknown contracts and switch keys are made on first use. */
  readonly adopts: boolean
  readonly seed: Seed | null
  /** The sandbox's history follows from this number and from what is asked; null: it runs with the real clock. */
  readonly sandboxSeed: number | null
}
