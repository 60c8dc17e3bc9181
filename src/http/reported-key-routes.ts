import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import { toWireTime } from '../domain/time.ts'
import type { ReportedKey } from '../ports/reported-keys.ts'
import { wireTime } from '../wire/members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { json } from './exchange.ts'
import { readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const PATH = '/certrail/v1/reported-keys'
const LONGEST_PEM = 65_536

const report = z
  .strictObject({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{2}(:?[0-9a-f]{2}){31}$/i, { error: 'must be a SHA-256, hexadecimal' })
      .transform((text) => text.replaceAll(':', '').toLowerCase())
      .optional(),
    pem: z.string().min(1).max(LONGEST_PEM).optional(),
    note: z
      .string()
      .min(1)
      .max(500)
      .refine(isPlainText, { error: NOT_PLAIN_TEXT })
      .nullish()
      .transform((given) => given ?? null),
  })
  .refine(({ sha256, pem }) => (sha256 === undefined) !== (pem === undefined), {
    error: 'either sha256 or pem must be given',
  })

const members = {
  sha256: z.string(),
  everywhere: z.boolean(),
  note: z.string().nullable(),
  reportedBy: z.string(),
  reportedAt: wireTime,
}

/** Our own API: keys that nobody is to use any more. */
export function reportedKeyRoutes(useCases: UseCases): readonly Route[] {
  return [
    {
      method: 'GET',
      path: PATH,
      operationId: 'listReportedKeys',
      summary: 'Keys that the account has reported as compromised, the newest first',
      access: 'read',
      success: [200],
      answerSchema: z.strictObject({ reportedKeys: z.array(z.strictObject(members)) }),
      answer: async ({ caller }) =>
        json({ reportedKeys: (await useCases.reportedKeys(caller)).map(reportJson) }),
    },
    {
      method: 'POST',
      path: PATH,
      operationId: 'reportKey',
      summary:
        'Report a key as compromised, by the SHA-256 of its SubjectPublicKeyInfo or by a certificate, signing request or public key in PEM: nothing is issued or deployed with it any more. Reported by the account that runs the installation it holds for all accounts',
      access: 'write',
      success: [200],
      answerSchema: z.strictObject({ ...members, usedBy: z.array(z.int()) }),
      bodySchema: report,
      answer: async (exchange) => {
        const { sha256, pem = '', note } = readOwn(exchange, report)
        const key = sha256 === undefined ? { pem } : { fingerprint: sha256 }
        const made = await useCases.reportKey(exchange.caller, { key, note })
        return json({ ...reportJson(made), usedBy: [...made.usedBy] })
      },
    },
    {
      method: 'DELETE',
      path: `${PATH}/:fingerprint`,
      operationId: 'withdrawKeyReport',
      summary: 'Take back a report that was a mistake',
      access: 'admin',
      success: [200],
      answerSchema: z.strictObject({ sha256: z.string() }),
      answer: async ({ caller, parameters }) => {
        const sha256 = (parameters['fingerprint'] ?? '').toLowerCase()
        await useCases.withdrawKeyReport(caller, sha256)
        return json({ sha256 })
      },
    },
  ]
}

const reportJson = ({ fingerprint, everywhere, note, reportedBy, reportedAt }: ReportedKey) => ({
  sha256: fingerprint,
  everywhere,
  note,
  reportedBy,
  reportedAt: toWireTime(reportedAt),
})
