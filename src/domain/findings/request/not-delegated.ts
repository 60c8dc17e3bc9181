import { finding } from '../finding-text.ts'
import type { RequestRule } from './rule.ts'

const ID = 'DNS_NAME_NOT_CNAMED'

/** Somebody has to place a value for each renewal of this name. A name that DNS does not know has a warning of its own. */
export const notDelegated: RequestRule = {
  ids: [ID],
  find: ({ settings, standings }) =>
    settings.validationType === 'dv'
      ? standings
          .filter(({ delegated, host }) => delegated === false && host !== 'unknown')
          .map(({ name }) => finding(ID, { invalidDomainName: name }))
      : [],
}
