import type { AuditEntryView } from '../app/views.ts'
import { auditLine } from '../domain/audit/audit-entry.ts'
import type { AuditQuery } from './audit-query.ts'

type ReadPage = (after: number, limit: number) => Promise<readonly AuditEntryView[]>

const PAGE = 500

/**
 * Entries as JSON lines, read page by page while the caller takes them, so that a long log fits into little memory. What goes wrong before
 * the first line is still a refusal; after it the connection breaks, so that half a log is not taken for all of it.
 */
export async function auditLines(
  readPage: ReadPage,
  { after, limit }: AuditQuery,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder()
  let left = limit ?? Number.POSITIVE_INFINITY
  let last = after
  const next = async (): Promise<readonly AuditEntryView[]> => {
    const entries = left > 0 ? await readPage(last, Math.min(PAGE, left)) : []
    left -= entries.length
    last = entries.at(-1)?.id ?? last
    return entries
  }

  let ready: readonly AuditEntryView[] | null = await next()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const entries = ready ?? (await next())
        ready = null
        if (entries.length === 0) controller.close()
        else
          controller.enqueue(
            encoder.encode(entries.map((entry) => `${JSON.stringify(auditLine(entry))}\n`).join('')),
          )
      },
    },
    { highWaterMark: 1 },
  )
}
