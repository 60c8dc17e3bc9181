import { z } from 'zod'
import type { AcknowledgementWord } from '../app/use-cases.ts'
import { Problem } from '../errors/problem.ts'
import { pointerOf } from './json.ts'
import { type Decoding, mediaTypeOf } from './row.ts'

export interface Acknowledgement {
  readonly word: AcknowledgementWord
  /** The `validationResultHash` that was shown; null: whatever stands now. */
  readonly hash: string | null
}

const word = z.enum(['acknowledge', 'deny'], { error: 'must be acknowledge or deny' })
const plain = z.object({ acknowledgement: word })
const withHash = z.object({ acknowledgement: word, hash: z.string().max(128).nullish() })

/** CPS API: Acknowledgement */
export const acknowledgementVersions: readonly Decoding<Acknowledgement>[] = [row('acknowledgement', plain)]

/** CPS API: Acknowledgement with hash. Accepted where a plain one is. */
export const acknowledgementWithHashVersions: readonly Decoding<Acknowledgement>[] = [
  row('acknowledgement-with-hash', withHash),
]

function row(resource: string, schema: typeof plain | typeof withHash): Decoding<Acknowledgement> {
  return {
    resource,
    version: 1,
    mediaType: mediaTypeOf(resource, 1),
    schema,
    decode: (body) => {
      const read = schema.safeParse(body)
      if (!read.success)
        throw new Problem('validation-error', {
          detail: 'The acknowledgement cannot be taken as it is.',
          errors: read.error.issues.map((issue) => ({ field: pointerOf(issue.path), detail: issue.message })),
        })
      const hash: unknown = 'hash' in read.data ? read.data.hash : null
      return { word: read.data.acknowledgement, hash: typeof hash === 'string' && hash !== '' ? hash : null }
    },
  }
}
