import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { FieldError } from '../errors/problem.ts'
import { Failure } from './failure.ts'

const FieldProblem = z.looseObject({
  field: z.string().optional(),
  pointer: z.string().optional(),
  errorLocation: z.string().optional(),
  detail: z.string().optional(),
  title: z.string().optional(),
})

/** RFC 9457, with the members that CPS clients know besides (spec: behaviour E2). */
const ProblemDocument = z.looseObject({
  title: z.string().optional(),
  detail: z.string().nullish(),
  errors: z.array(FieldProblem).nullish(),
})

/** What an API's refusal says, as a Failure. An answer that is no problem document keeps its status at least. */
export function refusalOf(status: number, headers: IncomingHttpHeaders, text: string): Failure {
  const problem = documentOf(text)
  return new Failure({
    title: problem?.title ?? `The API answered ${status}`,
    detail: problem?.detail ?? null,
    status,
    errors: (problem?.errors ?? []).map(fieldErrorOf),
    retryAfterSeconds: secondsOf(headers['retry-after']),
    passing: status === 429 || status === 503 || (status >= 500 && headers['retry-after'] !== undefined),
  })
}

/** The form with a date (RFC 9110 section 10.2.3) is one that no server here sends. */
const secondsOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null

function documentOf(text: string): z.infer<typeof ProblemDocument> | null {
  try {
    const parsed = ProblemDocument.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

const fieldErrorOf = (error: z.infer<typeof FieldProblem>): FieldError => ({
  field: error.field ?? error.pointer ?? error.errorLocation ?? '',
  detail: error.detail ?? error.title ?? 'is not acceptable',
})
