import type { Finding } from '../../change/change.ts'
import { finding } from '../finding-text.ts'
import type { NameStanding } from './request-facts.ts'
import type { RequestRule } from './rule.ts'

const OTHERS = 'DNS_NAME_ISSUER_NOT_IN_CAA_RECORD'
const NOBODY = 'DNS_NAME_ISSUER_FORBIDDEN_CAA_RECORD'
const FAILED = 'DNS_NAME_CAA_NOT_VALIDATED'
const UNREADABLE = 'DNS_TEXT_PARSE'

/** RFC 8659 section 4: the authority will refuse what these records forbid. The text that nobody may issue names no name; it is told once. */
export const issuerAllowed: RequestRule = {
  ids: [OTHERS, NOBODY, FAILED, UNREADABLE],
  find({ standings }) {
    const found = standings.flatMap(told)
    return found.filter(({ text }, index) => found.findIndex((one) => one.text === text) === index)
  },
}

function told({ name, caa }: NameStanding): readonly Finding[] {
  if (caa === null || caa.outcome === 'allows') return []
  if (caa.outcome === 'failed') return [finding(FAILED, { invalidDomainName: name })]
  if (caa.outcome === 'unreadable') return [finding(UNREADABLE, { invalidDomainName: name })]
  if (caa.issuers.length === 0) return [finding(NOBODY)]
  const lists = { caaIssuers: caa.issuers.join(', '), issuers: caa.configured.join(', ') }
  return [finding(OTHERS, { dnsName: name, ...lists })]
}
