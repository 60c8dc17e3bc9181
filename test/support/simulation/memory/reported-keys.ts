import type { ReportedKeys } from '../../../../src/ports/reported-keys.ts'
import type { Tables } from './tables.ts'

export const createMemoryReportedKeys = ({
  reportedKeys,
}: Tables): Pick<ReportedKeys, 'among' | 'add' | 'remove'> => ({
  async among(account, fingerprints) {
    const mayNotBeUsed = [...reportedKeys.values()].filter(
      ({ accountId, everywhere }) => everywhere || accountId === account,
    )
    const reported = new Set(mayNotBeUsed.map(({ fingerprint }) => fingerprint))
    return new Set(fingerprints.filter((fingerprint) => reported.has(fingerprint)))
  },
  async add(report) {
    const key = `${report.accountId} ${report.fingerprint}`
    const stands = reportedKeys.get(key) ?? report
    reportedKeys.set(key, stands)
    return stands
  },
  async remove(account, fingerprint) {
    const key = `${account} ${fingerprint}`
    const isKnown = reportedKeys.get(key) !== undefined
    reportedKeys.delete(key)
    return isKnown
  },
})
