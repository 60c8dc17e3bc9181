import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone, or the installed package. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A packed package brings dist/ and no src/: there is nothing to install or to build. */
export const isClone = () => existsSync(join(ROOT, 'src'))
