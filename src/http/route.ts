import type { ZodType } from 'zod'
import type { WireRow } from '../wire/row.ts'
import type { Answer, Exchange, SignedExchange } from './exchange.ts'

export interface QueryParameter {
  readonly name: string
  readonly meaning: string
  readonly required?: boolean
}

interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path with `:parameter` segments. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  /** Every status that is not a refusal. */
  readonly success: readonly number[]
  readonly query?: readonly QueryParameter[]
  /** The object stands in the query, where it may be missing (404). */
  readonly namesObjectInQuery?: true
  /** CPS API: the versions a body may come in. */
  readonly accepts?: readonly WireRow[]
  /** CPS API: the versions that can be answered, newest first. */
  readonly responds?: readonly WireRow[]
  /** Own API: what a JSON answer looks like. */
  readonly answerSchema?: ZodType
  /** Own API: the media type of an answer that is no JSON. */
  readonly answerType?: string
  /** Own API: what the JSON body looks like. */
  readonly bodySchema?: ZodType
}

/** Needs no signature. */
export interface OpenRoute extends RouteFacts {
  readonly access: 'open'
  readonly answer: (exchange: Exchange) => Promise<Answer>
}

/** `write`: not for the role read-only; `admin`: for the role admin alone. */
export interface SignedRoute extends RouteFacts {
  readonly access: 'read' | 'write' | 'admin'
  readonly answer: (exchange: SignedExchange) => Promise<Answer>
}

/** One operation of either API. A new operation is a new row of a table in …-routes.ts, and nothing else. */
export type Route = OpenRoute | SignedRoute
