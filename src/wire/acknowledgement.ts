import { z } from 'zod'
import type { AcknowledgementWord } from '../app/use-cases.ts'
import { decodeBody } from './decode-body.ts'
import { isPlainText, NOT_PLAIN_TEXT } from './plain-text.ts'
import { type Decoding, mediaTypeOf } from './row.ts'

export interface Acknowledgement {
  readonly word: AcknowledgementWord
  /** The `validationResultHash` that was shown; null: whatever stands now. */
  readonly hash: string | null
}

/** A hash is heard under either media type: to overlook it would release what its sender has not seen. */
const body = z.object({
  acknowledgement: z.enum(['acknowledge', 'deny'], { error: 'must be acknowledge or deny' }),
  hash: z.string().max(128).refine(isPlainText, { error: NOT_PLAIN_TEXT }).nullish(),
})

/** CPS API: Acknowledgement with hash. Its hash may be left out: public clients do so. */
const withHash = row('acknowledgement-with-hash')

/** CPS API: Acknowledgement */
const plain = row('acknowledgement')

/** Either is taken wherever something is acknowledged. */
export const acknowledgementVersions: readonly Decoding<Acknowledgement>[] = [plain, withHash]

function row(resource: string): Decoding<Acknowledgement> {
  return {
    resource,
    version: 1,
    mediaType: mediaTypeOf(resource, 1),
    schema: body,
    decode: (sent) => {
      const { acknowledgement, hash } = decodeBody(body, sent, 'acknowledgement')
      return { word: acknowledgement, hash: (hash ?? '') === '' ? null : (hash ?? null) }
    },
  }
}
