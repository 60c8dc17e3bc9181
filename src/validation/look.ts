import type { Resolver } from '../dns/resolver.ts'
import type { ChallengeLook } from '../ports/challenge-look.ts'
import type { AllowedTargets } from './addresses.ts'
import { lookByDns } from './dns-look.ts'
import { lookByHttp } from './http-look.ts'
import { withinTime } from './within-time.ts'

export interface ChallengeLookOptions {
  readonly resolver: Resolver
  readonly targets: AllowedTargets
  readonly httpPort: number
  /** For one look, all addresses and redirects together. */
  readonly timeoutMs: number
}

/** Real requests and real queries, bounded in time, size and where they may go. */
export function createChallengeLook(options: ChallengeLookOptions): ChallengeLook {
  return {
    look(target, signal) {
      return withinTime(options.timeoutMs, signal, (limited) =>
        target.type === 'http-01'
          ? lookByHttp(options, target, limited)
          : lookByDns(options.resolver, target, limited),
      )
    },
  }
}
