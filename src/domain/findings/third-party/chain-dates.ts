import { toWireTime } from '../../time.ts'
import { finding } from '../finding-text.ts'
import { distinguishedNameText } from './certificate-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_EXPIRED_OR_NOT_YET_VALID'

/** Only of certificates that are used. Numbered from 1, in the order of the upload. */
export const chainDates: FindingRule = {
  ids: [ID],
  find: ({ chain, path }, { now }) =>
    [...path]
      .sort((one, other) => one - other)
      .flatMap((place) => {
        const certificate = chain[place]
        if (certificate === undefined) return []
        const { issuer, notAfter, notBefore, serialNumber } = certificate
        if (notBefore <= now && now < notAfter) return []
        return [
          finding(ID, {
            trustChainOrderNumber: place + 1,
            issuer: distinguishedNameText(issuer),
            serialNumber,
            exceptionMessage:
              now < notBefore ? `NotBefore: ${toWireTime(notBefore)}` : `NotAfter: ${toWireTime(notAfter)}`,
          }),
        ]
      }),
}
