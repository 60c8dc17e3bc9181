import type { Caller } from '../app/views.ts'

export interface ReceivedBody {
  /** All of it; its first octets when it is too large. */
  readonly bytes: Uint8Array
  readonly tooLarge: boolean
}

/** One request, as routes see it. */
export interface Exchange {
  /** As sent: a HEAD is not a GET here. */
  readonly method: string
  /** Path as on the wire. */
  readonly path: string
  readonly query: URLSearchParams
  /** As sent. */
  readonly host: string
  readonly requestId: string
  readonly parameters: Readonly<Record<string, string>>
  readonly body: ReceivedBody
  /** Aborts when the caller has gone or the server stops. */
  readonly signal: AbortSignal
  readonly header: (name: string) => string | null
}

export interface SignedExchange extends Exchange {
  readonly caller: Caller
}

export interface Answer {
  readonly status: number
  readonly mediaType: string
  readonly body: string | ReadableStream<Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
}

/** 204: media type and body stay away. */
export const NO_CONTENT: Answer = { status: 204, mediaType: '', body: '' }

export const json = (value: unknown, options: Partial<Omit<Answer, 'body'>> = {}): Answer => ({
  status: 200,
  mediaType: 'application/json',
  ...options,
  body: JSON.stringify(value),
})
