import type { z } from 'zod'
import { Problem } from '../errors/problem.ts'
import { cannotBeTaken, fieldErrorsOf } from '../wire/decode-body.ts'
import { chooseRequest } from '../wire/negotiate.ts'
import type { Decoding } from '../wire/row.ts'
import type { Exchange } from './exchange.ts'

/**
 * The body of a CPS call in whichever version it came: media type first, then size, then form, then content.
 * @throws Problem 'unsupported-media-type' | 'payload-too-large' | 'malformed-json' | 'validation-error'
 */
export function readEntity<Input, Context>(
  exchange: Exchange,
  rows: readonly Decoding<Input, Context>[],
  context: Context,
): Input {
  const empty = exchange.body.bytes.length === 0
  const row = chooseRequest(empty ? null : exchange.header('content-type'), rows)
  return row.decode(parseJson(exchange), context)
}

/** The body of a call of an API without versions. @throws Problem 'payload-too-large' | 'malformed-json' */
export const readJson = (exchange: Exchange): unknown => parseJson(exchange)

/** The body of a call of our own API. */
export function readOwn<Schema extends z.ZodType>(exchange: Exchange, schema: Schema): z.infer<Schema> {
  const read = schema.safeParse(exchange.body.bytes.length === 0 ? {} : parseJson(exchange))
  if (read.success) return read.data
  throw cannotBeTaken('request', fieldErrorsOf(read.error))
}

/**
 * Whoever may not see an object hears only that it is not there: when reading fails, the object is looked for first, and its absence
 * is the answer. Costs nothing when all is well.
 */
export async function afterLookingFor<Value>(
  look: () => Promise<unknown>,
  read: () => Value,
): Promise<Value> {
  try {
    return read()
  } catch (error) {
    await look()
    throw error
  }
}

/** The query and the body of one call. One refusal names the bad fields of both. */
export function readWithQuery<Query, Body>(
  readQuery: () => Query,
  readBody: () => Body,
): { readonly query: Query; readonly body: Body } {
  let query: Query
  try {
    query = readQuery()
  } catch (refusal) {
    throw withFaultsOf(readBody, refusal)
  }
  return { query, body: readBody() }
}

/** `refusal` of a query, with what is wrong in the fields of the body. A body that has no fields to judge (its type, its size, no JSON) is refused for that alone, as with a good query. */
export function withFaultsOf(readBody: () => unknown, refusal: unknown): unknown {
  if (!isOfFields(refusal)) return refusal
  try {
    readBody()
    return refusal
  } catch (ofBody) {
    if (!isOfFields(ofBody)) return ofBody
    const detail = 'The query and the body cannot be taken as they are.'
    return new Problem('validation-error', { detail, errors: [...refusal.errors, ...ofBody.errors] })
  }
}

const isOfFields = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'validation-error'

function parseJson(exchange: Exchange): unknown {
  if (exchange.body.tooLarge)
    throw new Problem('payload-too-large', { detail: 'The body is larger than this service reads.' })
  if (exchange.body.bytes.length === 0)
    throw new Problem('malformed-json', { detail: 'The request has no body.' })
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(exchange.body.bytes))
  } catch {
    throw new Problem('malformed-json', { detail: 'The body is not JSON in UTF-8.' })
  }
}
