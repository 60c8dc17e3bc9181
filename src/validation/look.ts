import type { DnsServer } from '../dns/exchange.ts'
import type { Resolver } from '../dns/resolver.ts'
import type { AllowedTargets } from '../outbound/addresses.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { ChallengeLook } from '../ports/challenge-look.ts'
import { lookByDns } from './dns-look.ts'
import { lookByHttp } from './http-look.ts'
import { lookByTls } from './tls-look.ts'

export interface ChallengeLookOptions {
  readonly resolver: Resolver
  readonly resolverAt: (server: DnsServer) => Resolver
  readonly targets: AllowedTargets
  readonly httpPort: number
  readonly httpsPort?: number
  /** Of authoritative servers. */
  readonly dnsPort?: number
  /** For one look, all addresses and redirects together. */
  readonly timeoutMs: number
}

const DNS_PORT = 53

/** Real requests and real queries, bounded in time, size and where they may go. */
export function createChallengeLook(options: ChallengeLookOptions): ChallengeLook {
  const authoritative = { ...options, port: options.dnsPort ?? DNS_PORT }
  return {
    look(target, signal) {
      return withinTime(options.timeoutMs, signal, (limited) => {
        if (target.type === 'dns-01') return lookByDns(authoritative, target, limited)
        return target.type === 'http-01'
          ? lookByHttp(options, target, limited)
          : lookByTls(options, target, limited)
      })
    },
  }
}
