import { setTimeout as pause } from 'node:timers/promises'
import type { Enrollment } from './answers.ts'
import type { ChangeKey } from './change-key.ts'
import type { Running } from './context.ts'
import { parseDuration, showDuration } from './duration.ts'
import { EXIT } from './exit-code.ts'
import { wrongUsage } from './failure.ts'
import { type Ending, type FollowOptions, followChange } from './follow-change.ts'
import { showStatus } from './output.ts'
import { createProgress } from './progress.ts'
import { readyCommands } from './ready-commands.ts'

export const DEFAULT_TIMEOUT = '10m'

export function timeoutOf(option: string): number {
  const milliseconds = parseDuration(option)
  if (milliseconds === null)
    throw wrongUsage(`--timeout wants a duration such as 90s, 10m or PT5M, not ${option}.`)
  return milliseconds
}

export type WaitWishes = Pick<FollowOptions, 'until' | 'timeoutMs' | 'acknowledgeChallenges' | 'stopAtPerson'>

/** Follows a change with a progress line: on stdout for people, on stderr beside JSON. */
export async function waitWithProgress(
  running: Running,
  key: ChangeKey,
  wishes: WaitWishes,
): Promise<Ending> {
  const { surroundings, session, printer } = running
  const progress = createProgress(
    printer.json ? surroundings.stderr : surroundings.stdout,
    surroundings.clock,
  )
  try {
    return await followChange(
      { calls: session.calls, clock: surroundings.clock, pause: (milliseconds) => pause(milliseconds) },
      { key, ...wishes, onLook: progress.look },
    )
  } finally {
    progress.close()
  }
}

export const endingExitCode = (ending: Ending): number =>
  ending.kind === 'reached' ? EXIT.done : ending.kind === 'failed' ? EXIT.failed : EXIT.unfinished

/** How it ended, in a sentence or two; the last line is what to type next. */
export function endingText(
  enrollment: Pick<Enrollment, 'id' | 'csr'>,
  ending: Ending,
  wishes: WaitWishes,
): string {
  const who = `${enrollment.csr.cn} (enrollment ${enrollment.id})`
  const { state, status, error } = ending.change.statusInfo
  const at = `${showStatus(status)} (${state})`
  const next = readyCommands(enrollment.id, ending.change, null)
  const nextLine = next.length === 0 ? '' : `  next  ${next.join('\n        ')}\n`
  switch (ending.kind) {
    case 'reached':
      return status === 'complete' ? `${who} is complete.\n` : `${who} is at ${at}.\n${nextLine}`
    case 'failed':
      if (state === 'completed')
        return `${who} is complete and was not seen at ${showStatus(wishes.until)}.\n`
      return `${who} ended at ${at}${error?.description ? `: ${error.description}` : '.'}\n${nextLine}`
    case 'needs-person':
      return `${who} stands at ${at} and waits for a person: ${ending.input.type}.\n${nextLine}`
    case 'timeout':
      return `${who} is still at ${at} after ${showDuration(wishes.timeoutMs)}.\n${nextLine}`
  }
}
