import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Failure } from './failure.ts'
import type { Surroundings } from './surroundings.ts'

/** Paths of a home. Contract: Files in the home. */
export interface Home {
  readonly path: string
  readonly edgerc: string
  readonly ready: string
  readonly root: string
  readonly serviceRoot: string
  readonly bundle: string
}

const Ready = z.looseObject({
  api: z.string(),
  staging: z.string(),
  production: z.string(),
  contract: z.string().optional(),
  mode: z.string().optional(),
  pid: z.number().optional(),
})
export type Ready = z.infer<typeof Ready>

export function homeAt(path: string): Home {
  return {
    path,
    edgerc: join(path, 'edgerc'),
    ready: join(path, 'ready.json'),
    root: join(path, 'root.pem'),
    serviceRoot: join(path, 'service-root.pem'),
    bundle: join(path, 'ca-bundle.pem'),
  }
}

/** `--home`, else CERTRAIL_HOME, else `.certrail` in the working directory. Absolute. */
export function homeOf(surroundings: Surroundings, option: string | undefined): Home {
  const chosen = option ?? (surroundings.environment['CERTRAIL_HOME'] || '.certrail')
  return homeAt(resolve(surroundings.workingDirectory, chosen))
}

/** Null when nothing is ready there: no file, or one that is not written to its end. */
export function readReady(home: Home): Ready | null {
  try {
    const parsed = Ready.safeParse(JSON.parse(readFileSync(home.ready, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function requireReady(home: Home): Ready {
  const ready = readReady(home)
  if (ready !== null) return ready
  throw new Failure({
    title: 'Nothing is running',
    detail: `${home.path} has no ready.json. Start with: certrail start`,
  })
}

/** The roots of API certificates in this home, or null when there are none. */
export function serviceRoots(home: Home): string | null {
  const found = [home.serviceRoot, home.root].find((path) => existsSync(path))
  return found === undefined ? null : readFileSync(found, 'utf8')
}
