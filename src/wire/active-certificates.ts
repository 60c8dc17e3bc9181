import { z } from 'zod'
import type { ActiveCertificatesEntry } from '../app/views.ts'
import { DEPLOYMENT_ANSWERS } from './deployment/answers.ts'
import { encodeDeployment } from './deployment/versions.ts'
import { ENROLLMENT_ANSWERS } from './enrollment/answers.ts'
import { encodeEnrollment } from './enrollment/versions.ts'
import type { JsonObject } from './json.ts'
import { type Encoding, encodingsOf } from './row.ts'

/** CPS API: ActiveCertificates. Not described anywhere; a proposal made of what clients read (spec: api 5.16). */
export const activeCertificatesVersions: readonly Encoding<readonly ActiveCertificatesEntry[]>[] =
  encodingsOf(
    'active-certificates',
    {
      2: (entries: readonly ActiveCertificatesEntry[]): JsonObject => ({
        enrollments: entries.map(({ enrollment, production, staging }) => ({
          ...encodeEnrollment(11, enrollment),
          production: production === null ? null : encodeDeployment(7, production),
          staging: staging === null ? null : encodeDeployment(7, staging),
        })),
      }),
    },
    {
      2: z.strictObject({
        enrollments: z.array(
          ENROLLMENT_ANSWERS[11].extend({
            production: DEPLOYMENT_ANSWERS[7].nullable(),
            staging: DEPLOYMENT_ANSWERS[7].nullable(),
          }),
        ),
      }),
    },
  )
