import { createDnsResponder } from '../../src/dns/responder.ts'
import { createPlainHttp } from '../../src/http/plain.ts'
import type { PublishedNames } from '../../src/ports/published-names.ts'
import { dnsChallengeValue } from '../../src/validation/dns-look.ts'

const QUIET = { warn: () => undefined }
const LISTEN = { hosts: ['127.0.0.1'], port: 0 }

export interface ChallengeAnswers {
  readonly httpPort: number
  readonly dnsPort: number
  /** Answered at both ports from now on; a wildcard under its base. */
  publish(identifier: string, token: string, keyAuthorization: string): void
  withdraw(): void
  close(): Promise<void>
}

/** Our own HTTP port and DNS responder, with what they answer in memory: every name leads to them. */
export async function startChallengeAnswers(): Promise<ChallengeAnswers> {
  const tokens = new Map<string, string>()
  const texts = new Map<string, string[]>()
  const names: PublishedNames = {
    httpChallenge: async (host, token) => tokens.get(`${host} ${token}`) ?? null,
    textRecords: async (owner) => texts.get(owner) ?? [],
    isAboveEnrolled: async () => false,
    enrolledAmong: async (asked) => new Set(asked),
  }
  const http = await createPlainHttp({
    listen: LISTEN,
    names,
    authorityFiles: async () => null,
    productionPort: () => 443,
    log: QUIET,
  })
  const dns = await createDnsResponder({ listen: LISTEN, names, addresses: LISTEN.hosts, log: QUIET })
  return {
    httpPort: http.port,
    dnsPort: dns.port,
    publish(identifier, token, keyAuthorization) {
      const base = identifier.replace(/^\*\./, '')
      const owner = `_acme-challenge.${base}`
      tokens.set(`${base} ${token}`, keyAuthorization)
      texts.set(owner, [...(texts.get(owner) ?? []), dnsChallengeValue(keyAuthorization)])
    },
    withdraw() {
      tokens.clear()
      texts.clear()
    },
    async close() {
      await Promise.all([http.close(), dns.close()])
    },
  }
}
