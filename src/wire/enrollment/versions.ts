import type { EnrollmentView } from '../../app/views.ts'
import type { EnrollmentSettings } from '../../domain/enrollment/enrollment.ts'
import type { JsonObject } from '../json.ts'
import { type Decoding, type Encoding, encodingsOf } from '../row.ts'
import { ENROLLMENT_ANSWERS, ENROLLMENTS_ANSWERS } from './answers.ts'
import { bodyOf } from './bodies.ts'
import { decodeEnrollment, type EnrollmentDecoding } from './decode.ts'
import { LENSES, lensesTo, NEWEST } from './lenses.ts'
import { encodeV12 } from './v12.ts'

const VERSIONS = [NEWEST, ...LENSES.map((lens) => lens.version)]
const encoders = <View>(
  encoderOf: (version: number) => (view: View) => JsonObject,
): Readonly<Record<number, (view: View) => JsonObject>> =>
  Object.fromEntries(VERSIONS.map((version) => [version, encoderOf(version)]))

export const encodeEnrollment = (version: number, view: EnrollmentView): JsonObject =>
  lensesTo(version).reduce((json, lens) => lens.down(json), encodeV12(view))

/** CPS API: Enrollment, both ways. */
export const enrollmentVersions: readonly (Encoding<EnrollmentView> &
  Decoding<EnrollmentSettings, EnrollmentDecoding>)[] = encodingsOf(
  'enrollment',
  encoders((version) => (view: EnrollmentView) => encodeEnrollment(version, view)),
  ENROLLMENT_ANSWERS,
).map((row) => ({
  ...row,
  schema: bodyOf(row.version),
  decode: (body: unknown, context: EnrollmentDecoding) => decodeEnrollment(row.version, body, context),
}))

/** CPS API: List enrollments. */
export const enrollmentsVersions: readonly Encoding<readonly EnrollmentView[]>[] = encodingsOf(
  'enrollments',
  encoders(listEncoder),
  ENROLLMENTS_ANSWERS,
)

function listEncoder(version: number): (views: readonly EnrollmentView[]) => JsonObject {
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
