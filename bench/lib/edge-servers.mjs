import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { createCertificateReader } from '../../dist/pki/certificate-reader.js'
import { createEntries } from '../../dist/edge/haproxy/wished-entries.js'
import { listLine } from '../../dist/edge/haproxy/runtime-commands.js'
import { freePort } from '../../scripts/lib/free-port.mjs'

const BUILTIN = fileURLToPath(new URL('builtin-edge.mjs', import.meta.url))
const SERVER_CORE = '0'
const CLOCK_TICKS = Number(spawnSync('getconf', ['CLK_TCK']).stdout.toString())

export const isThere = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

export const SETTINGS = {
  geography: 'core',
  secureNetwork: 'enhanced-tls',
  mustHaveCiphers: 'ak-akamai-2020q1',
  preferredCiphers: 'ak-akamai-2020q1',
  disallowedTlsVersions: [],
  sniOnly: true,
  dnsNameSettings: null,
  quicEnabled: false,
  ocspStapling: 'off',
  clientMutualAuthentication: null,
  fipsMode: false,
}

/** Each server in one process with one thread, on the same core, with the same certificates: `{ port, pid, startMs, stop }`. */
export const SERVERS = {
  'built-in edge': (given) => builtinEdge(given),
  'built-in edge, every certificate ready': (given) =>
    builtinEdge(given, String(given.certificates.leaves.length)),
  HAProxy: async ({ folder, certificates }) => {
    const { rootPem, leaves } = certificates
    const { split } = createCertificateReader()
    const entries = createEntries({
      split,
      trustFolder: folder,
      pathOf: ({ fileName }) => join(folder, fileName),
      trustSetOf: () => null,
    })
    const lines = leaves.map(({ name, certificatePem, privateKeyPem, privateKey }, index) => {
      const certificate = {
        keyAlgorithm: 'ECDSA',
        certificatePem,
        chainPem: rootPem,
        privateKey: () => privateKey,
      }
      const served = {
        enrollmentId: index + 1,
        id: `d${index}`,
        settings: SETTINGS,
        certificates: [certificate],
      }
      const [entry] = entries.of(served, { names: [name], bufferSize: null })
      const path = join(folder, entry.fileName)
      writeFileSync(path, certificatePem + rootPem + privateKeyPem)
      return listLine({ ...entry, file: path })
    })
    const port = await freePort()
    writeFileSync(join(folder, 'public.list'), `${lines.join('\n')}\n`)
    writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfiguration(folder, port))
    const begun = performance.now()
    const child = pinned('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')])
    return served(child, port, begun, leaves)
  },
  nginx: async ({ folder, certificates }) => {
    const { rootPem, leaves } = certificates
    const port = await freePort()
    const servers = leaves.map(({ name, certificatePem, privateKeyPem }, index) => {
      const [chain, key] = [join(folder, `${index}.pem`), join(folder, `${index}.key`)]
      writeFileSync(chain, certificatePem + rootPem)
      writeFileSync(key, privateKeyPem)
      return `server { listen 127.0.0.1:${port} ssl; server_name ${name}; ssl_certificate ${chain}; ssl_certificate_key ${key}; return 204; }`
    })
    mkdirSync(join(folder, 'tmp'))
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, servers))
    const begun = performance.now()
    const child = pinned('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', '/dev/null'])
    return served(child, port, begun, leaves)
  },
}

async function builtinEdge({ folder, certificates: { rootPem, leaves } }, ...ready) {
  const file = join(folder, 'served.json')
  const line = ({ name, certificatePem, privateKey }) =>
    JSON.stringify({
      name,
      certificatePem,
      chainPem: rootPem,
      settings: SETTINGS,
      key: privateKey.toString('base64'),
    })
  writeFileSync(file, `${leaves.map(line).join('\n')}\n`)
  const begun = performance.now()
  const child = pinned(process.execPath, [BUILTIN, file, ...ready], ['ignore', 'pipe', 'inherit'])
  const [port] = await once(child.stdout, 'data')
  return served(child, Number(port.toString()), begun, leaves)
}

const haproxyConfiguration = (folder, port) => `global
  nbthread 1
  tune.ssl.cachesize 0
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend production
  bind 127.0.0.1:${port} ssl crt-list ${folder}/public.list strict-sni no-tls-tickets
  http-request return status 204
`

const nginxConfiguration = (folder, servers) => `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  server_names_hash_max_size 65536;
  server_names_hash_bucket_size 128;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_tickets off;
  ssl_session_cache off;
  client_body_temp_path ${folder}/tmp;
  proxy_temp_path ${folder}/tmp;
  fastcgi_temp_path ${folder}/tmp;
  uwsgi_temp_path ${folder}/tmp;
  scgi_temp_path ${folder}/tmp;
  ${servers.join('\n  ')}
}
`

const pinned = (program, args, stdio = ['ignore', 'inherit', 'inherit']) =>
  spawn('taskset', ['-c', SERVER_CORE, program, ...args], { stdio })

async function served(child, port, begun, leaves) {
  const exited = once(child, 'exit')
  await firstHandshake(port, leaves[leaves.length - 1].name, exited)
  const startMs = performance.now() - begun
  return {
    port,
    pid: child.pid,
    startMs,
    async stop() {
      child.kill('SIGTERM')
      const limit = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await exited
      clearTimeout(limit)
    },
  }
}

async function firstHandshake(port, servername, exited) {
  let hasExited = false
  void exited.then(() => (hasExited = true))
  for (;;) {
    if (hasExited) throw new Error('the server ended before it answered')
    if (await answers(port, servername)) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const answers = (port, servername) =>
  new Promise((resolve) => {
    const tls = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false })
    tls.once('secureConnect', () => {
      tls.destroy()
      resolve(true)
    })
    tls.once('error', () => resolve(false))
  })

/** Seconds of processor time that a process has used. */
export function cpuSeconds(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
}
