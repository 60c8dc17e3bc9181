import { CATALOGUE, type ProblemCode } from './catalogue.ts'

export interface FieldError {
  /** JSON pointer into the request body (RFC 6901), or the name of a query parameter. */
  readonly field: string
  readonly detail: string
}

export interface ProblemOptions {
  /** Safe for the caller. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** Extra members of the rendered problem, safe for the caller. */
  readonly members?: Readonly<Record<string, string | number | readonly string[]>>
  /** Never rendered; goes to the log. */
  readonly cause?: unknown
}

/** The one error class of use cases and adapters. Only http/problem-json.ts renders it (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly detail: string | null
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | null
  readonly members: Readonly<Record<string, string | number | readonly string[]>>

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? CATALOGUE[code].title, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.detail = options.detail ?? null
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.members = options.members ?? {}
  }
}
