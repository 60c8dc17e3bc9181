import { toWireTime } from '../../time.ts'
import { finding } from '../finding-text.ts'
import { commonNameText, pathOf } from './certificate-text.ts'
import type { FindingRule } from './rule.ts'

const ID = 'TRUST_CHAIN_EXPIRED_BEFORE_EE'

/** One that has expired already has a warning of its own. */
export const chainExpiresFirst: FindingRule = {
  ids: [ID],
  find: (upload, { now }) =>
    pathOf(upload)
      .filter(({ notAfter }) => now < notAfter && notAfter < upload.leaf.notAfter)
      .map((certificate) =>
        finding(ID, {
          endEntityCn: commonNameText(upload.leaf),
          endEntityNotAfter: toWireTime(upload.leaf.notAfter),
          chainEntityCn: commonNameText(certificate),
          chainEntityNotAfter: toWireTime(certificate.notAfter),
        }),
      ),
}
