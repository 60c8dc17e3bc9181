import { createHash } from 'node:crypto'
import { homedir, hostname } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClosers } from './composition/closers.ts'
import { readyBlock } from './composition/home-files.ts'
import { startServer } from './composition/server.ts'
import { createLog } from './observe/log.ts'
import { instant } from './domain/time.ts'
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
export async function main({ env }: { env: NodeJS.ProcessEnv; argv: string[]; lock: { release(): Promise<void> } }): Promise<number> {
  const home = resolve(env['CERTRAIL_HOME'] ?? '.certrail')
  const log = createLog(env['CERTRAIL_LOG'] ?? 'info')
  const closers = createClosers(log)
  const p = (n: string, d: number) => Number(env[`CERTRAIL_${n}_PORT`] ?? d)
  let stop = (_: number) => {}
  const stopped = new Promise<number>((r) => { stop = r })
  process.on('SIGTERM', () => stop(0)); process.on('SIGINT', () => stop(0))
  const ready = await startServer({
    settings: {
      home, instance: `${hostname()}-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`, mode: 'sandbox',
      roles: new Set(['api', 'jobs', 'edge']), hosts: ['127.0.0.1', '::1'], passOverMissingHosts: true, apiNames: ['localhost', '127.0.0.1', '::1'],
      ports: { api: p('API', 7443), staging: p('STAGING', 8443), production: p('PRODUCTION', 9443), http: p('HTTP', 8080), dns: p('DNS', 8053), metrics: p('METRICS', 9464) },
      resolver: null, validationHttpPort: null, allowPrivateTargets: false,
      validation: { triggers: ['acknowledgement', 'dwell'], publishes: true, dwellMs: 30_000 }, keyAlgorithm: 'ECDSA', preVerification: 'pass', wireSpelling: 'coodinate',
      failpoint: env['CERTRAIL_FAILPOINT'] ?? null, seed: null,
    },
    databaseUrl: env['DATABASE_URL'] ?? null, migrations: fileURLToPath(new URL('../migrations', import.meta.url)), keyEncryptionKeyFile: resolve(home, 'keys/kek'),
    log, real: { now: () => instant(Date.now()) },
    random: { bytes: (n) => randomBytes(n), uuid: randomUUID, below: (n) => randomInt(n) },
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    closers, kill: () => process.kill(process.pid, 'SIGKILL'), onDatabaseLost: (e) => { log.fatal({ err: e }, 'db lost'); stop(1) },
  })
  process.stdout.write(`${readyBlock(home, ready)}certrail ready\n`)
  const code = await stopped
  await closers.closeAll()
  return code
}
void homedir
