import type { ZodType } from 'zod'
import type { JsonValue } from './json.ts'

/** What an encoding may depend on besides the view. */
export interface WireContext {
  /** The historical spelling of the domain validation status (spec: behaviour C2), or the right one. */
  readonly spelling: 'coodinate' | 'coordinate'
  /** `http://host[:port]` where we answer http-01 for names that are redirected to us; null: none is offered. */
  readonly challengeRedirectBase: string | null
  /** Own API: the zone that challenges may be delegated to; null or absent: none. */
  readonly delegationZone?: string | null
}

/** One version of one resource. */
export interface WireRow {
  readonly resource: string
  readonly version: number
  readonly mediaType: string
  /** Of the request body where there is one. */
  readonly schema?: ZodType
  /** Of the response where there is one. */
  readonly answer?: ZodType
}

export interface Encoding<View> extends WireRow {
  readonly answer: ZodType
  readonly encode: (view: View, wire: WireContext) => JsonValue
}

export interface Decoding<Input, Context = null> extends WireRow {
  readonly schema: ZodType
  /** @throws Problem 'validation-error' that names every bad field. */
  readonly decode: (body: unknown, context: Context) => Input
}

export const mediaTypeOf = (resource: string, version: number): string =>
  `application/vnd.akamai.cps.${resource}.v${version}+json`

/** Newest first: the first row is what a caller without a wish gets. `answers` has the shape of what each encoder makes. */
export const encodingsOf = <View>(
  resource: string,
  encoders: Readonly<Record<number, (view: View, wire: WireContext) => JsonValue>>,
  answers: Readonly<Record<number, ZodType>>,
): readonly Encoding<View>[] =>
  Object.entries(encoders)
    .map(([text, encode]) => ({
      resource,
      version: Number(text),
      mediaType: mediaTypeOf(resource, Number(text)),
      encode,
      answer: answerOf(answers, resource, Number(text)),
    }))
    .sort((left, right) => right.version - left.version)

function answerOf(answers: Readonly<Record<number, ZodType>>, resource: string, version: number): ZodType {
  const answer = answers[version]
  if (answer === undefined) throw new Error(`no answer schema for ${resource}.v${version}`)
  return answer
}
