import type { EnrollmentDocument } from './answers.ts'
import { changeKeyOf } from './change-key.ts'
import type { Running } from './context.ts'
import { EXIT } from './exit-code.ts'
import { leaveStarted, waitUntilComplete } from './started-change.ts'

export interface PutWishes {
  /** What the enrollment is to be. */
  readonly wanted: EnrollmentDocument
  readonly query: URLSearchParams
  /** Null: without waiting for the change. */
  readonly timeoutMs: number | null
  /** What is said to be accepted, in a word. */
  readonly accepted: string
}

/** PUT of a whole enrollment: the change that it starts is followed if wished. Gives the exit code. */
export async function putEnrollment(running: Running, wishes: PutWishes): Promise<number> {
  const { session, printer } = running
  const { wanted, timeoutMs } = wishes
  const enrollment = { id: wanted.id, csr: { cn: wanted.csr.cn, sans: [] } }
  const answer = await session.calls.update(wanted.id, wanted, wishes.query)
  const location = answer.changes[0]
  const who = `${enrollment.csr.cn} (enrollment ${enrollment.id})`
  if (location === undefined) {
    printer.data({ ...answer, enrollmentId: enrollment.id, changeId: null })
    printer.text(`${who} is stored: nothing to issue or deploy.\n`)
    return EXIT.done
  }
  const started = { enrollment, key: changeKeyOf(location), answer }
  printer.text(`${wishes.accepted} of ${who} accepted, change ${started.key.changeId}.\n`)
  return timeoutMs === null ? leaveStarted(running, started) : waitUntilComplete(running, started, timeoutMs)
}
