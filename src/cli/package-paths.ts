import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Files of the installed package, found from here: this file is `dist/cli/package-paths.js` there and `src/cli/…` in the clone. */
const inPackage = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const startScript = (): string => inPackage('scripts/start.mjs')

export const commandScript = (): string => inPackage('scripts/certrail.mjs')

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { version: string }
  return manifest.version
}
