import type { ChangeReference, UseCases } from '../app/use-cases.ts'
import type { Caller } from '../app/views.ts'
import { acknowledgementVersions } from '../wire/acknowledgement.ts'
import { certificateUploadVersions } from '../wire/certificate-upload.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import { changeIdVersions } from '../wire/references.ts'
import type { Decoding } from '../wire/row.ts'
import type { Encoded } from './encoded.ts'
import type { Answer, SignedExchange } from './exchange.ts'
import { changeOf } from './query.ts'
import { afterLookingFor, readEntity } from './request-entity.ts'
import type { Route } from './route.ts'
import { uploadTo } from './upload.ts'

const UPDATE = '/cps/v2/enrollments/:enrollmentId/changes/:changeId/input/update'

interface UpdateType<Input> {
  /** The last segment of the path. */
  readonly type: string
  readonly operationId: string
  readonly summary: string
  readonly rows: readonly Decoding<Input>[]
  /** @throws Problem 'not-found' at any other moment than that of this type. */
  readonly act: (caller: Caller, reference: ChangeReference, input: Input) => Promise<void>
}

/** Operation 11 of spec: api 2: what a change waits for, one route for each type of spec: api 3.11. */
export function inputUpdateRoutes(useCases: UseCases, encoded: Encoded): readonly Route[] {
  async function answer<Input>(exchange: SignedExchange, { rows, act }: UpdateType<Input>): Promise<Answer> {
    const reference = changeOf(exchange)
    const input = await afterLookingFor(
      () => useCases.getChange(exchange.caller, reference),
      () => {
        chooseResponse(exchange.header('accept'), changeIdVersions)
        return readEntity(exchange, rows, null)
      },
    )
    await act(exchange.caller, reference, input)
    return encoded(exchange, changeIdVersions, reference)
  }

  const route = <Input>(update: UpdateType<Input>): Route => ({
    method: 'POST',
    path: `${UPDATE}/${update.type}`,
    operationId: update.operationId,
    summary: update.summary,
    access: 'write',
    success: [200],
    accepts: update.rows,
    responds: changeIdVersions,
    answer: (exchange) => answer(exchange, update),
  })

  return [
    route({
      type: 'lets-encrypt-challenges-completed',
      operationId: 'acknowledgeChallenges',
      summary: 'Ask for the domains to be validated now',
      rows: acknowledgementVersions,
      act: (caller, reference, { word }) => useCases.acknowledgeChallenges(caller, reference, word),
    }),
    route({
      type: 'pre-verification-warnings-ack',
      operationId: 'acknowledgePreVerificationWarnings',
      summary: 'Go on in spite of what was found before verification, or give the change up',
      rows: acknowledgementVersions,
      act: (caller, reference, { word }) =>
        useCases.acknowledgeWarnings(caller, reference, 'pre-verification', word),
    }),
    route({
      type: 'post-verification-warnings-ack',
      operationId: 'acknowledgePostVerificationWarnings',
      summary: 'Go on in spite of what was found in a certificate, or give the change up',
      rows: acknowledgementVersions,
      act: (caller, reference, { word }) =>
        useCases.acknowledgeWarnings(caller, reference, 'post-verification', word),
    }),
    route({
      type: 'change-management-ack',
      operationId: 'acknowledgeChangeManagement',
      summary:
        'Release what is on staging for production, or give the change up; a hash binds this to what was shown',
      rows: acknowledgementVersions,
      act: (caller, reference, { word, hash }) =>
        useCases.acknowledgeChangeManagement(caller, reference, word, hash),
    }),
    route({
      type: 'third-party-cert-and-trust-chain',
      operationId: 'uploadCertificates',
      summary: 'Upload one or both certificates of a third-party change, with their chains',
      rows: certificateUploadVersions,
      act: (caller, reference, received) =>
        uploadTo((uploads) => useCases.uploadCertificates(caller, reference, uploads), received),
    }),
  ]
}
