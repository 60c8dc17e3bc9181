import { renewalStart } from '../../renewal/renewal-start.ts'
import { finding } from '../finding-text.ts'
import type { IssuedRule } from './issued-facts.ts'

const ID = 'CERTIFICATE_EXPIRATION_DATE_IN_NEAR_FUTURE'

/** Its renewal would begin at once: the CA took long, or gave one that it had in store. However short it lives, a fresh one is none of these. */
export const renewalDue: IssuedRule = {
  ids: [ID],
  find: ({ keyAlgorithm, leaf }, { now, validationType, leadDays }) =>
    renewalStart(validationType, leaf, leadDays) <= now ? [finding(ID, { keyAlgorithm })] : [],
}
