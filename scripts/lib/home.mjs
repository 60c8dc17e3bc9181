import { resolve } from 'node:path'

/**
 * Where the home is, before anything is installed or built: `--home`, `CERTRAIL_HOME`, `.certrail` in the working directory.
 * The same rule as src/config/load.ts, which a test holds to it.
 */
export function locateHome({ argv, env, workingDirectory }) {
  let flag
  for (const [index, word] of argv.entries()) {
    if (word === '--home') flag = argv[index + 1]
    else if (word.startsWith('--home=')) flag = word.slice('--home='.length)
  }
  return resolve(workingDirectory, flag || env.CERTRAIL_HOME || '.certrail')
}
