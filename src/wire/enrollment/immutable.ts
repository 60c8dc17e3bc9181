import { canonicalName } from '../../domain/enrollment/names.ts'
import type { EnrollmentRule } from './facts.ts'
import { isBlank } from './facts.ts'

/** spec: behaviour G4. The common name may be written in another way, as long as it is the same name. */
export const immutableMembers: EnrollmentRule = ({ body, stored }) => {
  if (stored === null) return []
  const network = body.networkConfiguration
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['/validationType', body.validationType, stored.validationType],
    ['/csr/cn', sameNameForm(body.csr?.cn), sameNameForm(stored.csr.cn)],
    ['/networkConfiguration/sniOnly', network?.sniOnly, stored.networkConfiguration.sniOnly],
    [
      '/networkConfiguration/secureNetwork',
      network?.secureNetwork,
      stored.networkConfiguration.secureNetwork,
    ],
  ]
  return pairs
    .filter(([, sent, kept]) => !isBlank(sent) && sent !== kept)
    .map(([field]) => ({ field, detail: 'cannot be changed after creation' }))
}

function sameNameForm(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const canonical = canonicalName(text)
  return canonical.ok ? canonical.name : text
}
