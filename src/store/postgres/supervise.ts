import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import type { RunAs } from './as-user.ts'

/**
 * Runs "$@" for as long as file descriptor 3 is open at the other end, which is in our process. The kernel closes it
 * however we end, kill -9 included. SIGINT (fast shutdown) is repeated, since a shell starts background commands
 * with SIGINT ignored and one that arrives before PostgreSQL has set its handlers is lost. After 8 s SIGQUIT
 * (immediate shutdown; the next start recovers), after 5 s more SIGKILL.
 */
const SCRIPT = `
"$@" 3<&- &
child=$!
(
  while read -r line <&3; do :; done
  for step in INT:40 QUIT:25 KILL:1; do
    left=\${step#*:}
    while [ "$left" -gt 0 ]; do
      kill -s "\${step%:*}" "$child" 2>/dev/null || exit 0
      left=$((left - 1))
      sleep 0.2
    done
  done
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`

/** Ends of lines kept for the message of a failure. */
const REMEMBERED_LINES = 20

export interface Supervised {
  /** Resolves when the program has ended; above 128 means a signal. Never rejects, except when nothing could be started. */
  readonly ended: Promise<number>
  /** The last lines that it wrote. */
  lastLines(): readonly string[]
  /** Lets go of the program: fast shutdown, then harder. Idempotent; wait for `ended`. */
  release(): void
}

/** Starts a program whose life hangs on ours, in a session of its own, so that Ctrl-C reaches us alone. */
export function supervise(runAs: RunAs, command: readonly string[], log: (line: string) => void): Supervised {
  const [program, ...leading] = runAs.prefix
  const shell = ['-c', SCRIPT, 'sh', ...command]
  const child = spawn(program ?? 'sh', program === undefined ? shell : [...leading, 'sh', ...shell], {
    ...runAs.identity,
    cwd: '/',
    detached: true,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const lines = remembering(child, log)
  const pipe = child.stdio[3] as Duplex
  // The other end may be gone first: that is the ordinary end of a program that stopped by itself.
  pipe.on('error', () => undefined)
  pipe.resume()
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      pipe.destroy()
      // Output may still be on its way, and a stray heir of the pipe could hold it open.
      const patience = setTimeout(() => resolve(code ?? 128), 500)
      child.once('close', () => {
        clearTimeout(patience)
        resolve(code ?? 128)
      })
    })
  })
  ended.catch(() => undefined)
  return { ended, lastLines: () => lines, release: () => pipe.end() }
}

function remembering(child: ChildProcess, log: (line: string) => void): readonly string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > REMEMBERED_LINES) lines.shift()
      log(line)
    })
  }
  return lines
}

/** Nothing of ours leaks in: PGDATA, PGOPTIONS and the like would change what runs; LC_ALL keeps messages in English. */
export function environment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
