import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Instant, toWireTime } from '../domain/time.ts'

export interface FailureFacts {
  readonly log: string
  readonly histories: unknown
}

/** Makes `certrail-exec-<time>` in the directory, with `sandbox.log` and `histories.json`; returns its path. */
export function leaveFailureFolder(directory: string, now: Instant, left: FailureFacts): string {
  const path = freshFolder(join(directory, `certrail-exec-${toWireTime(now).replaceAll(/[-:]/g, '')}`))
  copyFileSync(left.log, join(path, 'sandbox.log'))
  writeFileSync(join(path, 'histories.json'), `${JSON.stringify(left.histories, null, 2)}\n`)
  return path
}

/** Two commands may fail within one second. */
function freshFolder(wanted: string, attempt = 1): string {
  const path = attempt === 1 ? wanted : `${wanted}-${attempt}`
  try {
    mkdirSync(path)
    return path
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return freshFolder(wanted, attempt + 1)
  }
}
