import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { DAY, type Instant, plus } from '../../../src/domain/time.ts'
import { readPaper } from './papers.ts'
import type { World } from './world.ts'

export interface LivePaper {
  readonly notBefore: Instant
  readonly notAfter: Instant
}

/** Of what production serves for the enrollment, the first to expire. */
export function liveOf({ store }: World, id: EnrollmentId): LivePaper | null {
  const { deployments, certificates } = store.tables
  const live = [...deployments.at('enrollment', id)].find(
    ({ network, state }) => network === 'production' && state === 'active',
  )
  const papers = (live?.certificateIds ?? [])
    .map((certificate) => certificates.get(certificate))
    .filter((certificate) => certificate !== undefined)
    .map(({ certificatePem }) => readPaper(certificatePem))
  return papers.toSorted((one, other) => one.notAfter - other.notAfter)[0] ?? null
}

/** A week before the end, or a twelfth of a short life. */
export const lastSafeOf = ({ notBefore, notAfter }: LivePaper): Instant =>
  plus(notAfter, -Math.min((notAfter - notBefore) / 12, 7 * DAY))
