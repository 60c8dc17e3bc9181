import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))

export const makeHome = () => mkdtemp(join(tmpdir(), 'certrail-bench-'))

/** A server as a user starts it, on free ports in a home of its own, which goes with it. */
export async function startInstance(env = {}, script = START) {
  const instance = await startIn(await makeHome(), env, script)
  return {
    ...instance,
    async stop() {
      await instance.stop()
      await rm(instance.home, { recursive: true, force: true })
    },
  }
}

/** The home stays. */
export async function startIn(home, env = {}, script = START) {
  const ports = Object.fromEntries(
    ['API', 'STAGING', 'PRODUCTION', 'HTTP', 'DNS', 'METRICS'].map((name) => [`CERTRAIL_${name}_PORT`, '0']),
  )
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...ports, CERTRAIL_HOME: home, CERTRAIL_LOG: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)))
    lines.on('line', (line) => {
      if (line === 'certrail ready') resolve()
    })
  })
  const ready = JSON.parse(await readFile(join(home, 'ready.json'), 'utf8'))
  return {
    home,
    ready,
    residentMegabytes: () => residentMegabytes(ready.pid),
    async stop() {
      const ended = new Promise((resolve) => {
        child.removeAllListeners('exit')
        child.once('exit', resolve)
      })
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}
