import type { IncomingMessage } from 'node:http'
import { HASHED_BODY_BYTES } from '../edgegrid/sign.ts'
import { Problem } from '../errors/problem.ts'
import type { ReceivedBody } from './exchange.ts'

const NOTHING: ReceivedBody = { bytes: new Uint8Array(), tooLarge: false }
/** What is beyond the limit is read and dropped, since many clients cannot hear a refusal before they have sent all; but not for ever. */
const DROPPED_AT_MOST = 64 * 1024 * 1024

/**
 * Reads a body up to a limit, in octets. Of a larger one only what its signature covers is kept, so that a stranger
 * still hears of the signature first.
 * @throws Problem 'malformed-request' when the connection ends before the body does.
 */
export async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<ReceivedBody> {
  if (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined)
    return NOTHING
  const kept: Buffer[] = []
  let total = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      const room = Math.max(limitBytes, HASHED_BODY_BYTES) - total
      if (room > 0) kept.push(chunk.subarray(0, room))
      total += chunk.length
      // Leaving the loop cuts the connection.
      if (total > DROPPED_AT_MOST) break
    }
  } catch (cause) {
    throw new Problem('malformed-request', { detail: 'The body did not arrive whole.', cause })
  }
  return { bytes: Buffer.concat(kept), tooLarge: total > limitBytes }
}
