import type { z } from 'zod'
import { type FieldError, Problem } from '../errors/problem.ts'
import { pointerOf } from './json.ts'

/** @throws Problem 'validation-error' that names every bad member by its JSON pointer. */
export function decodeBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  subject: string,
): z.infer<Schema> {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw cannotBeTaken(subject, fieldErrorsOf(read.error))
}

/** One fault for each bad member; a member that is not known is named itself, not the object that holds it. */
export const fieldErrorsOf = (error: z.ZodError): readonly FieldError[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: pointerOf([...issue.path, key]), detail: 'is not known here' }))
      : [{ field: pointerOf(issue.path), detail: issue.message.replace(/^Invalid input: /, '') }],
  )

export const cannotBeTaken = (subject: string, errors: readonly FieldError[]): Problem =>
  new Problem('validation-error', { detail: `The ${subject} cannot be taken as it is.`, errors })
