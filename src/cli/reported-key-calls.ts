import { z } from 'zod'
import { type Exchanges, PLAIN_JSON } from './exchanges.ts'

const ReportedKey = z.looseObject({
  sha256: z.string(),
  everywhere: z.boolean(),
  note: z.string().nullable(),
  reportedBy: z.string(),
  reportedAt: z.string(),
})
export type ReportedKey = z.infer<typeof ReportedKey>

const Reported = ReportedKey.extend({ usedBy: z.array(z.number()) })
export type Reported = z.infer<typeof Reported>

const PATH = '/certrail/v1/reported-keys'

/** Our own API: keys that nobody is to use any more. */
export function createReportedKeyCalls({ get, send }: Exchanges) {
  return {
    reportedKeys: async (): Promise<readonly ReportedKey[]> =>
      (await get(PATH, PLAIN_JSON, z.looseObject({ reportedKeys: z.array(ReportedKey) }))).reportedKeys,
    reportKey: (report: object): Promise<Reported> =>
      send('POST', PATH, {
        accept: PLAIN_JSON,
        shape: Reported,
        content: { type: PLAIN_JSON, value: report },
      }),
    withdrawKeyReport: async (sha256: string): Promise<void> => {
      await send('DELETE', `${PATH}/${encodeURIComponent(sha256)}`, {
        accept: PLAIN_JSON,
        shape: z.unknown(),
      })
    },
  }
}
