import type { EnrollmentView } from '../../app/views.ts'
import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { type Decoding, type Encoding, encodingsOf, mediaTypeOf, type WireContext } from '../row.ts'
import { enrollmentBody } from './body.ts'
import { decodeEnrollment, type EnrollmentDecoding } from './decode.ts'
import { LENSES, lensesTo, NEWEST } from './lenses.ts'
import { encodeV12 } from './v12.ts'

const VERSIONS = [NEWEST, ...LENSES.map((lens) => lens.version)]

export const encodeEnrollment = (version: number, view: EnrollmentView): JsonObject =>
  lensesTo(version).reduce((json, lens) => lens.down(json), encodeV12(view))

/** CPS API: Enrollment, both ways. */
export const enrollmentVersions: readonly (Encoding<EnrollmentView> &
  Decoding<EnrollmentSettings, EnrollmentDecoding>)[] = VERSIONS.map((version) => ({
  resource: 'enrollment',
  version,
  mediaType: mediaTypeOf('enrollment', version),
  schema: enrollmentBody,
  encode: (view: EnrollmentView) => encodeEnrollment(version, view),
  decode: (body: unknown, context: EnrollmentDecoding) => decodeEnrollment(version, body, context),
}))

/** CPS API: List enrollments. */
export const enrollmentsVersions: readonly Encoding<readonly EnrollmentView[]>[] = encodingsOf(
  'enrollments',
  Object.fromEntries(VERSIONS.map((version) => [version, listEncoder(version)])),
)

function listEncoder(version: number): (views: readonly EnrollmentView[], wire: WireContext) => JsonValue {
  const extra = version === 4 ? inListOf4 : () => ({})
  return (views) => ({
    enrollments: views.map((view) => ({ ...encodeEnrollment(version, view), ...extra(view) })),
  })
}

/** The fourth version of the list, and only the list, carries these two (spec: api 5.2). */
function inListOf4({ settings }: EnrollmentView): JsonObject {
  const { certificateChainType, enableMultiStackedCertificates } = settings
  return { certificateChainType, enableMultiStackedCertificates }
}
