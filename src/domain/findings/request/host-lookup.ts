import { finding } from '../finding-text.ts'
import type { NameStanding } from './request-facts.ts'
import type { RequestRule } from './rule.ts'

const UNKNOWN = 'DNS_UNKNOWN_HOST'
const TIMEOUT = 'DNS_QUERY_NAME_SERVER_TIMEOUT'
const FAILED = 'DNS_NAME_SERVER_ADDRESS_NOT_RESOLVED'

/** Names that DNS does not know, or does not answer for. */
export const hostLookup: RequestRule = {
  ids: [UNKNOWN, TIMEOUT, FAILED],
  find: ({ standings }) => standings.flatMap(told),
}

function told({ name, host }: NameStanding) {
  if (host === 'unknown') return [finding(UNKNOWN, { invalidDomainName: name })]
  if (host === 'timeout') return [finding(TIMEOUT, { domain: name })]
  return host === 'failed' ? [finding(FAILED, { invalidDomainName: name })] : []
}
