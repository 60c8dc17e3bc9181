import type { FieldError } from '../errors/problem.ts'
import { EXIT } from './exit-code.ts'

export interface FailureFacts {
  readonly title: string
  readonly detail?: string | null
  /** HTTP status, when an API refused. */
  readonly status?: number | null
  readonly errors?: readonly FieldError[]
  readonly exitCode?: number
  /** The same call may succeed in a moment: nobody answered, or the answer was 429 or 503. */
  readonly passing?: boolean
  /** When the API said so. */
  readonly retryAfterSeconds?: number | null
}

/** Ends a command in words and with an exit code. What people see of any failure; never a stack trace. */
export class Failure extends Error {
  readonly title: string
  readonly detail: string | null
  readonly status: number | null
  readonly errors: readonly FieldError[]
  readonly exitCode: number
  readonly passing: boolean
  readonly retryAfterSeconds: number | null

  constructor(facts: FailureFacts) {
    super(facts.title)
    this.name = 'Failure'
    this.title = facts.title
    this.detail = facts.detail ?? null
    this.status = facts.status ?? null
    this.errors = facts.errors ?? []
    this.exitCode = facts.exitCode ?? EXIT.failed
    this.passing = facts.passing ?? false
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null
  }
}

export const wrongUsage = (detail: string): Failure =>
  new Failure({ title: 'Wrong usage', detail, exitCode: EXIT.usage })

/** Anything thrown, as a Failure. An error of our own making shows its message only. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  return new Failure({
    title: 'Unexpected failure',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
  })
}

/** One line, then one for each field error. */
export function failureText(failure: Failure): string {
  const status = failure.status === null ? '' : ` (${failure.status})`
  const detail = failure.detail === null ? '' : `: ${failure.detail}`
  const fields = failure.errors.map((error) =>
    error.field === '' ? `  ${error.detail}\n` : `  ${error.field}: ${error.detail}\n`,
  )
  return `certrail: ${failure.title}${status}${detail}\n${fields.join('')}`
}

export function failureJson(failure: Failure): string {
  const { title, detail, status, errors } = failure
  return `${JSON.stringify({ error: { title, detail, status, errors } })}\n`
}
