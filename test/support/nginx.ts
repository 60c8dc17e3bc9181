import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { untilListening } from './pebble.ts'

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`
export const hasNginx = spawnSync('nginx', ['-v'], { env: { PATH } }).error === undefined

const RENDER = fileURLToPath(new URL('../../examples/nginx/render.mjs', import.meta.url))

export interface TestNginx {
  readonly folder: string
  readonly address: { readonly host: string; readonly port: number }
  /** As a user would set CERTRAIL_…_EDGE_RELOAD. */
  readonly reloadCommand: string
  /** What the command finds in its environment. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** `protocols`: of the default server, whose versions all names have; empty: nginx's own, up to TLS 1.2. Debian's nginx, which refuses every name until the reload command of examples/nginx has given it some. */
export async function startNginx({ protocols = 'TLSv1.2 TLSv1.3' } = {}): Promise<TestNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-nginx-'))
  const port = await freePort()
  const configuration = join(folder, 'nginx.conf')
  await writeFile(configuration, configurationOf(folder, port, protocols))
  const child = spawn('nginx', ['-c', configuration], { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      text += piece.toString()
    })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`nginx ended:\n${text}`)))
  ended.catch(() => {})
  await Promise.race([ended, untilListening(port)])
  return {
    folder,
    address: { host: '127.0.0.1', port },
    reloadCommand: `${process.execPath} ${RENDER}`,
    environment: {
      PATH,
      NGINX_SERVERS: join(folder, 'servers.conf'),
      NGINX_LISTEN: `127.0.0.1:${port}`,
      NGINX_CONFIGURATION: configuration,
    },
    async close() {
      await stop(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

const configurationOf = (folder: string, port: number, protocols: string): string => `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl http2 default_server;
    ssl_reject_handshake on;${protocols === '' ? '' : `\n    ssl_protocols ${protocols};`}
  }
  include ${folder}/serv*.conf;
}
`
