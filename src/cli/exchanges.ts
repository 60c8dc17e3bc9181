import { z } from 'zod'
import type { Api, ApiReply } from './api.ts'
import { Failure } from './failure.ts'

/** The CPS API's entities and the versions that this client speaks. */
export const media = (entityAndVersion: string): string =>
  `application/vnd.akamai.cps.${entityAndVersion}+json`

export const PLAIN_JSON = 'application/json'

export interface Sending<T> {
  readonly accept: string
  readonly shape: z.ZodType<T>
  readonly content?: { readonly type: string; readonly value: unknown }
  /** For calls that do a lot of work before they answer. */
  readonly answerTimeoutMs?: number
}

export type Exchanges = ReturnType<typeof createExchanges>

/** Calls whose answers are held against a shape: a Failure when they are something else. */
export function createExchanges(api: Api) {
  async function send<T>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    { shape, ...call }: Sending<T>,
  ): Promise<T> {
    return understood(await api.call({ method, path, ...call }), shape, path)
  }
  return {
    send,
    get: <T>(path: string, accept: string, shape: z.ZodType<T>): Promise<T> =>
      send('GET', path, { accept, shape }),
  }
}

/** Null where the API has no such thing: another CPS, or what it no longer knows. */
export async function unlessMissing<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Failure && (error.status === 404 || error.status === 403)) return null
    throw error
  }
}

export function understood<T>(reply: ApiReply, shape: z.ZodType<T>, path: string): T {
  const parsed = shape.safeParse(reply.body)
  if (parsed.success) return parsed.data
  throw notUnderstood(path, z.prettifyError(parsed.error).split('\n')[0])
}

export const notUnderstood = (what: string, why?: string): Failure =>
  new Failure({
    title: 'The answer of the API was not understood',
    detail: why === undefined ? what : `${what}: ${why}`,
  })
