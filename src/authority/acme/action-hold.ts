import { HOUR, type Instant, plus, SECOND, toWireTime } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AccountReference, AcmeBooks, RequiredAction } from './books.ts'
import { type AcmeRefusal, sentenceOf } from './problem.ts'

/** A person may have done what was wanted and told nobody here: one change an hour finds out. */
const ASKED_AGAIN_AFTER_MS = HOUR

export interface HoldDeps {
  readonly books: AcmeBooks
  /** The real clock. */
  readonly clock: Clock
}

/**
 * RFC 8555 section 7.3.3: a CA whose terms have changed answers `userActionRequired` until a person has agreed to them there. Until somebody says that this
 * is done nothing is ordered from it, so that no budget, there or here, is spent on answers that are known.
 */
export function createActionHold({ books, clock }: HoldDeps) {
  const held = new Map<string, RequiredAction>()
  const idOf = ({ name, directoryUrl }: AccountReference): string => `${name} ${directoryUrl}`
  return {
    load(reference: AccountReference, action: RequiredAction | null): void {
      if (action !== null) held.set(idOf(reference), action)
    },
    /** Throws while a person is waited for. Any process may have been told meanwhile that it is done. */
    async require(reference: AccountReference): Promise<void> {
      const known = held.get(idOf(reference))
      if (known === undefined || plus(known.saidAt, ASKED_AGAIN_AFTER_MS) <= clock.now()) return
      const states = await books.states()
      const now = states.find(
        ({ name, directoryUrl }) => name === reference.name && directoryUrl === reference.directoryUrl,
      )
      if (now?.action) throw problemOf(reference, now.action, clock.now())
      held.delete(idOf(reference))
    },
    async note(reference: AccountReference, refusal: AcmeRefusal): Promise<Problem> {
      const now = clock.now()
      const since = held.get(idOf(reference))?.since ?? now
      const words = sentenceOf(refusal.problem)
      const wanted = refusal.action ?? { instructionsUrl: null, termsUrl: null }
      const action = { ...wanted, since, saidAt: now, words }
      held.set(idOf(reference), action)
      await books.saveAction(reference, action)
      return problemOf(reference, action, now)
    },
    /** The CA has done what it refused before. */
    async end(reference: AccountReference): Promise<void> {
      if (held.delete(idOf(reference))) await books.saveAction(reference, null)
    },
    /** Somebody says that it will: whichever process heard the refusal. */
    async agreed(reference: AccountReference): Promise<void> {
      held.delete(idOf(reference))
      await books.saveAction(reference, null)
    },
  }
}

export type ActionHold = ReturnType<typeof createActionHold>

function problemOf(reference: AccountReference, action: RequiredAction, now: Instant): Problem {
  const again = plus(action.saidAt, ASKED_AGAIN_AFTER_MS)
  return new Problem('authority-action-required', {
    detail: `${sentenceFor(reference, action)} It is asked again at ${toWireTime(again)}.`,
    retryAfterSeconds: Math.max(1, Math.ceil((again - now) / SECOND)),
  })
}

/** For people: what the CA said, and what is to be done. */
export function sentenceFor(
  { name }: Pick<AccountReference, 'name'>,
  { words, termsUrl, instructionsUrl }: Pick<RequiredAction, 'words' | 'termsUrl' | 'instructionsUrl'>,
): string {
  const terms = termsUrl === null ? '' : ` Read its terms: ${termsUrl}.`
  const page =
    instructionsUrl === null ? ' Ask it how to agree.' : ` Agree to them there: ${instructionsUrl}.`
  return `The certificate authority does nothing more for the account "${name}" before a person has acted: ${words.replace(/\.$/, '')}.${terms}${page} Then say so: certrail authorities --agreed ${name}.`
}
