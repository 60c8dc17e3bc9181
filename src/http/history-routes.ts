import type { UseCases } from '../app/use-cases.ts'
import type { Caller } from '../app/views.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { certificateHistoryVersions } from '../wire/history/certificates.ts'
import { changeHistoryVersions } from '../wire/history/changes.ts'
import { dvHistoryVersions } from '../wire/history/validations.ts'
import type { Encoding } from '../wire/row.ts'
import type { Encoded } from './encoded.ts'
import { enrollmentOf } from './query.ts'
import type { Route, SignedRoute } from './route.ts'

const ENROLLMENT = '/cps/v2/enrollments/:enrollmentId'

interface History<View> extends Pick<SignedRoute, 'path' | 'operationId' | 'summary' | 'query'> {
  readonly rows: readonly Encoding<View>[]
  readonly read: (caller: Caller, id: EnrollmentId, query: URLSearchParams) => Promise<View>
}

/** Operations 15 to 17 of spec: api 2; all newest first. */
export function historyRoutes(useCases: UseCases, encoded: Encoded): readonly Route[] {
  const route = <View>({ rows, read, ...facts }: History<View>): Route => ({
    ...facts,
    method: 'GET',
    access: 'read',
    success: [200],
    responds: rows,
    answer: async (exchange) =>
      encoded(exchange, rows, await read(exchange.caller, enrollmentOf(exchange), exchange.query)),
  })

  return [
    route({
      path: `${ENROLLMENT}/dv-history`,
      operationId: 'getValidationHistory',
      summary: 'Every validation of every name, with its challenges',
      rows: dvHistoryVersions,
      read: (caller, id) => useCases.dvHistory(caller, id),
    }),
    route({
      path: `${ENROLLMENT}/history/certificates`,
      operationId: 'getCertificateHistory',
      summary: 'The certificates of an enrollment',
      query: [{ name: 'includeAll', meaning: '`true`: all there ever were, not only the latest' }],
      rows: certificateHistoryVersions,
      read: (caller, id, query) =>
        useCases.certificateHistory(caller, id, query.get('includeAll')?.toLowerCase() === 'true'),
    }),
    route({
      path: `${ENROLLMENT}/history/changes`,
      operationId: 'getChangeHistory',
      summary: 'The changes of an enrollment, with what they asked for and got',
      rows: changeHistoryVersions,
      read: (caller, id) => useCases.changeHistory(caller, id),
    }),
  ]
}
