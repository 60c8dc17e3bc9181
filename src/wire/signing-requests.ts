import { z } from 'zod'
import type { SigningRequestView } from '../app/views.ts'
import type { JsonObject } from './json.ts'
import { keyAlgorithm, textOrNull } from './members.ts'
import { type Encoding, encodingsOf } from './row.ts'

/** CPS API: Csr. Version 1 has room for one, which is the RSA one; an ECDSA request cannot be said there. */
export const signingRequestVersions: readonly Encoding<readonly SigningRequestView[]>[] = encodingsOf(
  'csr',
  {
    1: (requests: readonly SigningRequestView[]): JsonObject => ({
      csr: requests.find(({ keyAlgorithm }) => keyAlgorithm === 'RSA')?.pem ?? null,
    }),
    2: (requests: readonly SigningRequestView[]): JsonObject => ({
      csrs: requests.map(({ keyAlgorithm, pem }) => ({ csr: pem, keyAlgorithm })),
    }),
  },
  {
    1: z.strictObject({ csr: textOrNull }),
    2: z.strictObject({ csrs: z.array(z.strictObject({ csr: z.string(), keyAlgorithm })) }),
  },
)
