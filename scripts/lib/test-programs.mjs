import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram } from './child.mjs'

/** Debian packages that tests need, each with the program, or the folder, by which its presence is known. */
const PACKAGES = [
  { name: 'haproxy', program: 'haproxy' },
  { name: 'nginx-light', program: 'nginx' },
  { name: 'openssl', program: 'openssl' },
  { name: 'pebble', program: 'pebble' },
  // Lies in /usr/sbin, which the PATH of a user may lack.
  { name: 'bind9', program: 'named' },
  { name: 'python3-edgegrid', folder: '/usr/lib/python3/dist-packages/akamai/edgegrid' },
]

const UPDATE_PAUSES_MS = [2_000, 5_000, 15_000]

const isOnPath = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const isThere = ({ program, folder }) => (program === undefined ? isReadable(folder) : isOnPath(program))

function isReadable(path) {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** Installs what is missing with apt-get, as root on a Debian; asked for by CERTRAIL_TEST_INSTALL=1 alone. */
export async function installTestPrograms({ stop, say }) {
  const missing = PACKAGES.filter((one) => !isThere(one)).map(({ name }) => name)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    throw new Error(`CERTRAIL_TEST_INSTALL: installing ${missing.join(', ')} needs root and apt-get`)
  }
  say(`test: installing ${missing.join(', ')}`)
  const aptGet = async (...args) => {
    const { code } = await runProgram('apt-get', ['-q', ...args], {
      stop,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    return code === 0
  }
  const install = () => aptGet('install', '-y', '--no-install-recommends', ...missing)
  for (const pauseMs of [0, ...UPDATE_PAUSES_MS]) {
    await sleep(pauseMs, undefined, { signal: stop })
    if ((await aptGet('update')) && (await install())) return
  }
  throw new Error(`apt-get could not install ${missing.join(', ')}; its own words stand above`)
}
