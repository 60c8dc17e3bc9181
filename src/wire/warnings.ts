import { z } from 'zod'
import type { FindingView } from '../app/views.ts'
import type { JsonObject } from './json.ts'
import { type Encoding, encodingsOf } from './row.ts'

/** CPS API: Warnings. The Terraform provider parts the text at line ends and knows no header (spec: api 5.11), so one warning is one line. */
export const warningsVersions: readonly Encoding<readonly FindingView[]>[] = encodingsOf(
  'warnings',
  {
    1: (findings: readonly FindingView[]): JsonObject => ({
      warnings: findings.map(({ text }) => text.replaceAll(/\s*[\r\n]+\s*/g, ' ')).join('\n'),
    }),
  },
  { 1: z.strictObject({ warnings: z.string() }) },
)
