import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/lib/free-port.mjs'

const run = promisify(execFile)
const PROGRAM = process.env['CERTRAIL_TEST_PEBBLE'] ?? 'pebble'

/**
 * Let's Encrypt's test server (Debian's package `pebble`) that takes every challenge for answered where `looks` is false, and is at no pains to be slow.
 * Its TLS certificate is made by openssl.
 */
export async function startPebble({ httpPort = 1, dnsPort = 1, looks = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-bench-pebble-'))
  const [port, managementPort] = [await freePort(), await freePort()]
  const caFile = join(folder, 'cert.pem')
  const makes =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ')
  const at = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', caFile]
  await run('openssl', [...makes, ...at])
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: 'cert.pem',
    privateKey: 'key.pem',
    httpPort,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify({ pebble }))
  const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', PEBBLE_WFE_NONCEREJECT: '0' }
  const child = spawn(PROGRAM, ['-config', 'config.json', '-dnsserver', `127.0.0.1:${dnsPort}`], {
    cwd: folder,
    env: { ...process.env, ...env, ...(looks ? {} : { PEBBLE_VA_ALWAYS_VALID: '1' }) },
    stdio: 'ignore',
  })
  await untilListening(port, child)
  return {
    directoryUrl: `https://localhost:${port}/dir`,
    caFile,
    caPem: await readFile(caFile, 'utf8'),
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilListening(port, child) {
  let fault = null
  child.once('error', (error) => (fault = error))
  for (;;) {
    if (fault !== null) throw new Error(`pebble is needed (CERTRAIL_TEST_PEBBLE): ${fault.message}`)
    if (child.exitCode !== null) throw new Error(`pebble ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await pause(25)
    } finally {
      socket.destroy()
    }
  }
}
