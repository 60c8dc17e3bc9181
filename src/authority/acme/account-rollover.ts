import { Problem } from '../../errors/problem.ts'
import type { AccountReference } from './books.ts'
import type { Desk } from './desk.ts'
import { rollOver } from './key-rollover.ts'
import { AcmeRefusal, sentenceOf } from './problem.ts'

/**
 * Steps: (1) the next key stands in the books, beside the old one; (2) the CA is asked; (3) the next key takes the place of the old one. After a crash
 * whoever opens the account asks the CA which of the two it knows, so neither is ever lost; a repeat goes on with the same next key.
 */
export async function rollOverAccountKey(
  reference: AccountReference,
  { force }: { readonly force: boolean },
  desk: Desk,
): Promise<void> {
  const { books } = desk.deps
  const waiting = force ? 0 : await books.ordersInValidation(reference)
  if (waiting > 0) throw new Problem('orders-open', { detail: inValidation(reference, waiting) })
  const { keys } = desk.sessions
  await desk.sessions.recordOf(reference)
  const { sealedNextKey } = await books.keepNextKey(reference, keys.make(reference))
  if (sealedNextKey === null) throw new RangeError('the next key was not kept')
  // What is open was opened before there was a next key, or before an answer that nobody heard.
  desk.sessions.forget(reference)
  await desk
    .at(reference, async (session) => {
      if (!(await isPending(reference, desk))) return
      await rollOver(session, keys.open(reference, sealedNextKey), desk.deps.signal)
      await books.takeNextKey(reference, sealedNextKey)
    })
    .catch((error: unknown) => afterRefusal(error, reference, desk))
  desk.sessions.forget(reference)
}

async function isPending(reference: AccountReference, { deps }: Desk): Promise<boolean> {
  const record = await deps.books.account(reference)
  return record !== null && record.sealedNextKey !== null
}

/** Of two who ask at once the second one is refused: the key is the account's already. */
async function afterRefusal(error: unknown, reference: AccountReference, desk: Desk): Promise<void> {
  desk.sessions.forget(reference)
  if (!(error instanceof AcmeRefusal)) throw error
  await desk.at(reference, async () => undefined)
  if (!(await isPending(reference, desk))) return
  const detail = `The certificate authority does not change the key: ${sentenceOf(error.problem)}`
  throw new Problem('authority-refused', { detail, cause: error })
}

/** RFC 8555 section 8.1: key authorizations are made of the account's key. */
const inValidation = ({ name }: AccountReference, count: number): string =>
  `${count} orders of the account "${name}" wait for their names to be validated. What was placed for them is made of the key that the account has: with another one it is of no use any more, and each name gets a new token after a failed look. Wait for them, cancel them, or force it.`
