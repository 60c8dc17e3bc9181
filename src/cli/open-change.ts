import type { Enrollment } from './answers.ts'
import type { Calls } from './calls.ts'
import type { ChangeKey } from './change-key.ts'
import type { ChangeReport } from './change-report.ts'
import { chosenChange, findEnrollment } from './enrollment-reference.ts'
import { Failure } from './failure.ts'
import { showStatus } from './output.ts'

export interface OpenChange {
  readonly enrollment: Enrollment
  readonly key: ChangeKey
}

/** A Failure when none is open. `title` says what cannot be done then. */
export async function findOpenChange(calls: Calls, reference: string, title: string): Promise<OpenChange> {
  const enrollment = await findEnrollment(calls, reference)
  const key = chosenChange(enrollment, undefined)
  if (key !== null) return { enrollment, key }
  throw new Failure({ title, detail: 'No change is open.' })
}

/** Where things stand after something was done to a change. An enrollment that went with it stays as it was seen. */
export async function reportAfter(calls: Calls, { enrollment, key }: OpenChange): Promise<ChangeReport> {
  const [after, { change }, explanation] = await Promise.all([
    calls.enrollment(enrollment.id),
    calls.change(key, 0),
    calls.explainIfPossible(key),
  ])
  return { enrollment: after, key, change, explanation }
}

/** Asks at a moment that has to fit: 404 becomes the words of what the change does instead. */
export async function atItsMoment<T>(
  calls: Calls,
  key: ChangeKey,
  work: Promise<T>,
  words: { readonly title: string; readonly waitsFor: string },
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Failure && error.status === 404)) throw error
    const { status, state } = (await calls.change(key, 0)).change.statusInfo
    const detail = `The change is at ${showStatus(status)} (${state}), which ${words.waitsFor}.`
    throw new Failure({ title: words.title, detail })
  }
}
