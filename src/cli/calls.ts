import { type Instant, fromWireTime } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import {
  Change,
  ContractIdentifiers,
  Deployments,
  Enrollment,
  EnrollmentDocument,
  Enrollments,
  EnrollmentStatus,
  Explanation,
} from './answers.ts'
import type { Api } from './api.ts'
import { type ChangeKey, changePath } from './change-key.ts'
import { createEdgeCalls } from './edge-calls.ts'
import { createExchanges, media, PLAIN_JSON, understood, unlessMissing } from './exchanges.ts'
import { createHistoryCalls } from './history-calls.ts'
import { createInputCalls } from './input-calls.ts'
import { createOperatorCalls } from './operator-calls.ts'
import { createReportedKeyCalls } from './reported-key-calls.ts'
import { createTrustCalls } from './trust-calls.ts'

export interface ChangeAnswer {
  readonly change: Change
  /** False: the server did not hold the answer back as asked (RFC 7240), so the caller has to space its calls itself. */
  readonly waited: boolean
}

export type Calls = ReturnType<typeof createCalls>

/** Each call the commands make, with its media types and the shape of its answer. */
export function createCalls(api: Api, realClock: Clock) {
  const exchanges = createExchanges(api)
  const { get, send } = exchanges
  const operator = createOperatorCalls(exchanges)
  const explain = ({ enrollmentId, changeId }: ChangeKey): Promise<Explanation> =>
    get(`/certrail/v1/enrollments/${enrollmentId}/changes/${changeId}/explain`, PLAIN_JSON, Explanation)
  const started = { accept: media('enrollment-status.v1'), shape: EnrollmentStatus }
  const enrollmentContent = (value: unknown) => ({ type: media('enrollment.v11'), value })

  return {
    ...createInputCalls(exchanges),
    ...createHistoryCalls(exchanges),
    ...operator,
    ...createTrustCalls(exchanges),
    ...createEdgeCalls(exchanges),
    ...createReportedKeyCalls(exchanges),

    contracts: () => get('/contract-api/v1/contracts/identifiers?depth=TOP', PLAIN_JSON, ContractIdentifiers),

    enrollments: async (): Promise<readonly Enrollment[]> =>
      (await get('/cps/v2/enrollments', media('enrollments.v11'), Enrollments)).enrollments,

    enrollment: (id: number): Promise<Enrollment> =>
      get(`/cps/v2/enrollments/${id}`, media('enrollment.v11'), Enrollment),

    /** All of it, untouched, to be changed and sent back. */
    enrollmentDocument: (id: number): Promise<EnrollmentDocument> =>
      get(`/cps/v2/enrollments/${id}`, media('enrollment.v11'), EnrollmentDocument),

    create: (enrollment: unknown, query: URLSearchParams): Promise<EnrollmentStatus> =>
      send('POST', `/cps/v2/enrollments?${query.toString()}`, {
        ...started,
        content: enrollmentContent(enrollment),
      }),

    /** No changes in the answer: stored, and nothing has to be issued or deployed. */
    update: (id: number, enrollment: unknown, query: URLSearchParams): Promise<EnrollmentStatus> =>
      send('PUT', withQuery(`/cps/v2/enrollments/${id}`, query), {
        ...started,
        content: enrollmentContent(enrollment),
      }),

    /** No changes in the answer: gone. */
    remove: (id: number, query: URLSearchParams): Promise<EnrollmentStatus> =>
      send('DELETE', withQuery(`/cps/v2/enrollments/${id}`, query), started),

    change: async (key: ChangeKey, waitSeconds: number): Promise<ChangeAnswer> => {
      const path = changePath(key)
      const wait = waitSeconds > 0 ? { waitSeconds } : {}
      const reply = await api.call({ method: 'GET', path, accept: media('change.v2'), ...wait })
      return {
        change: understood(reply, Change, path),
        waited: /\bwait\b/.test(String(reply.headers['preference-applied'] ?? '')),
      }
    },

    deployments: (id: number): Promise<Deployments> =>
      get(`/cps/v2/enrollments/${id}/deployments`, media('deployments.v8'), Deployments),

    explain,

    /** Null where the server has no explain: another CPS, or a change it no longer knows. */
    explainIfPossible: (key: ChangeKey): Promise<Explanation | null> => unlessMissing(explain(key)),

    /** The lifecycle clock of the server, or the real one where it has none that could differ. */
    lifecycleNow: async (): Promise<Instant> => {
      const reading = await unlessMissing(operator.clock())
      return (reading === null ? null : fromWireTime(reading.now)) ?? realClock.now()
    },
  }
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}
