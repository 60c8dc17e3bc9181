import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { AuditLine } from '../domain/audit/audit-entry.ts'
import type { Api } from './api.ts'
import { Failure } from './failure.ts'

/** Whatever else an entry says is hashed too, so it is kept as it came. */
const Line = z.looseObject({ id: z.number().int().positive(), previousHash: z.string(), hash: z.string() })
const Page = z.looseObject({ entries: z.array(Line) })

const ENTRIES_AT_ONCE = 1_000

/** The log of the account from the entry after `after` on, page by page. */
export async function* auditPages(api: Api, after: number): AsyncIterable<readonly AuditLine[]> {
  let last = after
  for (;;) {
    const path = `/certrail/v1/audit?after=${last}&limit=${ENTRIES_AT_ONCE}`
    const { body } = await api.call({ method: 'GET', path, accept: 'application/json' })
    const page = Page.safeParse(body)
    if (!page.success) throw new Failure({ title: 'The answer of the API was not understood', detail: path })
    const { entries } = page.data
    if (entries.length === 0) return
    yield entries
    last = entries.at(-1)?.id ?? last
  }
}

/** An export, page by page. Blank lines count for nothing. */
export async function* auditPagesOfFile(file: string): AsyncIterable<readonly AuditLine[]> {
  const stream = createReadStream(file)
  let number = 0
  let page: AuditLine[] = []
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (text.trim() !== '') page.push(lineOf(text, `${file}, line ${number}`))
      if (page.length < ENTRIES_AT_ONCE) continue
      yield page
      page = []
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure({
      title: 'Cannot read the file',
      detail: error instanceof Error ? error.message : file,
    })
  } finally {
    stream.destroy()
  }
  if (page.length > 0) yield page
}

function lineOf(text: string, place: string): AuditLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  const line = Line.safeParse(value)
  if (!line.success) throw new Failure({ title: 'This is no entry of an audit log', detail: place })
  return line.data
}
