import { execFile } from 'node:child_process'
import { Problem } from '../errors/problem.ts'

/** Tells the server that there is something new. Rejects with `Problem('edge-unreachable')`, which says how the command ended. */
export type ReloadHook = (environment: Readonly<Record<string, string>>) => Promise<void>

export interface ReloadHookOptions {
  /** For `sh -c`. It sees what this process was started with, our own settings excepted. */
  readonly command: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
}

const SHOWN = 300

export function createReloadHook({ command, environment, timeoutMs }: ReloadHookOptions): ReloadHook {
  // Secrets of ours stand in some of them, and none is the hook's business.
  const inherited = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('CERTRAIL_') && name !== 'DATABASE_URL'),
  )
  return (more) =>
    new Promise((resolve, reject) => {
      const env = { ...inherited, ...more }
      execFile('sh', ['-c', command], { env, timeout: timeoutMs }, (error, stdout, stderr) => {
        if (error === null) return resolve()
        const said = `${stdout}${stderr}`.trim().slice(-SHOWN)
        const how = error.killed
          ? `did not end within ${timeoutMs} ms`
          : `ended with ${error.code ?? error.signal}`
        reject(
          new Problem('edge-unreachable', {
            detail: `The reload command ${how}${said === '' ? '' : `: ${said}`}`,
            members: { seen: 'reload-failed' },
            cause: error,
          }),
        )
      })
    })
}
