import { type Instant, fromWireTime } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import { z } from 'zod'
import {
  Change,
  ClockReading,
  ContractIdentifiers,
  Deployments,
  Enrollment,
  Enrollments,
  EnrollmentStatus,
  Explanation,
} from './answers.ts'
import type { Api, ApiReply } from './api.ts'
import { Failure } from './failure.ts'

/** The CPS API's entities and the versions that this client speaks. */
const media = (entityAndVersion: string): string => `application/vnd.akamai.cps.${entityAndVersion}+json`

const PLAIN_JSON = 'application/json'

export interface ChangeKey {
  readonly enrollmentId: number
  readonly changeId: number
}

export interface ChangeAnswer {
  readonly change: Change
  /** False: the server did not hold the answer back as asked (RFC 7240), so the caller has to space its calls itself. */
  readonly waited: boolean
}

export type Calls = ReturnType<typeof createCalls>

/** Each call the commands make, with its media types and the shape of its answer. */
export function createCalls(api: Api, realClock: Clock) {
  const get = async <T>(path: string, accept: string, shape: z.ZodType<T>): Promise<T> =>
    understood(await api.call({ method: 'GET', path, accept }), shape, path)
  const explain = ({ enrollmentId, changeId }: ChangeKey): Promise<Explanation> =>
    get(`/certrail/v1/enrollments/${enrollmentId}/changes/${changeId}/explain`, PLAIN_JSON, Explanation)

  return {
    contracts: () => get('/contract-api/v1/contracts/identifiers?depth=TOP', PLAIN_JSON, ContractIdentifiers),

    enrollments: async (): Promise<readonly Enrollment[]> =>
      (await get('/cps/v2/enrollments', media('enrollments.v11'), Enrollments)).enrollments,

    enrollment: (id: number): Promise<Enrollment> =>
      get(`/cps/v2/enrollments/${id}`, media('enrollment.v11'), Enrollment),

    create: async (enrollment: unknown, query: URLSearchParams): Promise<EnrollmentStatus> => {
      const path = `/cps/v2/enrollments?${query.toString()}`
      const content = { type: media('enrollment.v11'), value: enrollment }
      const reply = await api.call({ method: 'POST', path, accept: media('enrollment-status.v1'), content })
      return understood(reply, EnrollmentStatus, path)
    },

    change: async (key: ChangeKey, waitSeconds: number): Promise<ChangeAnswer> => {
      const path = changePath(key)
      const wait = waitSeconds > 0 ? { waitSeconds } : {}
      const reply = await api.call({ method: 'GET', path, accept: media('change.v2'), ...wait })
      return {
        change: understood(reply, Change, path),
        waited: /\bwait\b/.test(String(reply.headers['preference-applied'] ?? '')),
      }
    },

    /** `update` as the change's allowed input names it. */
    acknowledge: async (update: string, acknowledgement: 'acknowledge' | 'deny'): Promise<void> => {
      const content = { type: media('acknowledgement.v1'), value: { acknowledgement } }
      await api.call({ method: 'POST', path: update, accept: media('change-id.v1'), content })
    },

    deployments: (id: number): Promise<Deployments> =>
      get(`/cps/v2/enrollments/${id}/deployments`, media('deployments.v8'), Deployments),

    explain,

    /** Null where the server has no explain: another CPS, or a change it no longer knows. */
    explainIfPossible: (key: ChangeKey): Promise<Explanation | null> => unlessMissing(explain(key)),

    /** The lifecycle clock of the server, or the real one where it has none that could differ. */
    lifecycleNow: async (): Promise<Instant> => {
      const reading = await unlessMissing(get('/certrail/v1/clock', PLAIN_JSON, ClockReading))
      return (reading === null ? null : fromWireTime(reading.now)) ?? realClock.now()
    },
  }
}

const changePath = (key: ChangeKey): string =>
  `/cps/v2/enrollments/${key.enrollmentId}/changes/${key.changeId}`

/** Clients take the numbers of a location string, whatever stands before them (spec: api.md 1). */
export function changeKeyOf(location: string): ChangeKey {
  const match = /(\d+)\/changes\/(\d+)\/?$/.exec(location)
  if (match === null) throw notUnderstood(location)
  return { enrollmentId: Number(match[1]), changeId: Number(match[2]) }
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Failure && (error.status === 404 || error.status === 403)) return null
    throw error
  }
}

function understood<T>(reply: ApiReply, shape: z.ZodType<T>, path: string): T {
  const parsed = shape.safeParse(reply.body)
  if (parsed.success) return parsed.data
  throw notUnderstood(path, z.prettifyError(parsed.error).split('\n')[0])
}

const notUnderstood = (what: string, why?: string): Failure =>
  new Failure({
    title: 'The answer of the API was not understood',
    detail: why === undefined ? what : `${what}: ${why}`,
  })
