import { SECOND, type Instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import { showDuration } from './duration.ts'
import type { Observation } from './follow-change.ts'
import { showStatus, waitsForText } from './output.ts'
import type { Output } from './surroundings.ts'

export interface Progress {
  look(observation: Observation, moved: boolean): void
  /** Leaves nothing half written. */
  close(): void
}

const ERASE_LINE = '\r\u001b[2K'

/** On a terminal one line that is rewritten, its seconds running; elsewhere one line for each move. */
export function createProgress(output: Output, clock: Clock): Progress {
  const since = clock.now()
  return output.isTTY === true ? rewritten(output, clock, since) : lines(output, clock, since)
}

function lines(output: Output, clock: Clock, since: Instant): Progress {
  return {
    look: (observation, moved) => {
      if (moved) output.write(`${showDuration(clock.now() - since).padStart(6)}  ${stepText(observation)}\n`)
    },
    close: () => undefined,
  }
}

function rewritten(output: Output, clock: Clock, since: Instant): Progress {
  let text = ''
  const draw = (): void => {
    if (text === '') return
    const line = `${showDuration(clock.now() - since)}  ${text}`
    output.write(`${ERASE_LINE}${shortened(line, (output.columns ?? 80) - 1)}`)
  }
  const ticking = setInterval(draw, SECOND)
  ticking.unref()
  return {
    look: (observation) => {
      text = stepText(observation)
      draw()
    },
    close: () => {
      clearInterval(ticking)
      if (text !== '') output.write(ERASE_LINE)
    },
  }
}

/** `status: what happens; waits for …` */
function stepText({ change, explanation }: Observation): string {
  const { status, description } = change.statusInfo
  const step = (explanation?.step ?? description ?? '').replace(/\.$/, '')
  const waits = explanation === null ? null : waitsForText(explanation)
  return `${showStatus(status)}${step === '' ? '' : `: ${step}`}${waits === null ? '' : `; waits for ${inSentence(waits)}`}`
}

const inSentence = (text: string): string =>
  text.replace(/\.$/, '').replace(/^(The|A|An|Somebody|Your?) /, (word) => word.toLowerCase())

const shortened = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
