import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createListFiles, haproxyPlaces } from '../../dist/edge/haproxy/list-files.js'
import { createEntries } from '../../dist/edge/haproxy/wished-entries.js'
import { createCertificateReader } from '../../dist/pki/certificate-reader.js'
import { freePort } from '../../scripts/lib/free-port.mjs'

const BUFFER_OCTETS = 16_384

/** A HAProxy as docs/haproxy.md has it, for the production network of a server in `home`: settings of that server, and how it is started and stopped. */
export async function haproxyProduction(home) {
  const folder = join(home, 'edges', 'production')
  const [port, candidatePort, socket] = [await freePort(), await freePort(), join(home, 'haproxy.sock')]
  const places = haproxyPlaces(folder)
  const configuration = join(home, 'haproxy.cfg')
  writeFileSync(configuration, configurationOf({ places, port, candidatePort, socket }))
  let child = null
  return {
    env: {
      CERTRAIL_PRODUCTION_EDGE: 'haproxy',
      CERTRAIL_PRODUCTION_EDGE_ADDRESS: `127.0.0.1:${port}`,
      CERTRAIL_PRODUCTION_EDGE_CANDIDATE: `127.0.0.1:${candidatePort}`,
      CERTRAIL_PRODUCTION_HAPROXY_SOCKET: socket,
    },
    port,
    start() {
      child = spawn('haproxy', ['-W', '-db', '-f', configuration], { stdio: ['ignore', 'ignore', 'inherit'] })
    },
    async stop() {
      if (child === null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      child = null
    },
    /** What the driver would have written after it had led ten thousand certificates in one by one. */
    async writeFiles(wished) {
      const entries = createEntries({
        split: createCertificateReader().split,
        trustFolder: places.trust,
        pathOf: ({ bind, fileName }) => join(places[bind].folder, fileName),
        trustSetOf: () => null,
      })
      const all = wished.flatMap(({ generation, names }) =>
        entries.of(generation, { names, bufferSize: BUFFER_OCTETS }),
      )
      await createListFiles(places.public, places.placeholder).follow(all, new Set())
    },
  }
}

const configurationOf = ({ places, port, candidatePort, socket }) => `global
  stats socket ${socket} mode 600 level admin expose-fd listeners
  tune.ssl.cachesize 0
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend production
  bind 127.0.0.1:${port} ssl crt-list ${places.public.list} strict-sni no-tls-tickets
  http-request return status 204
frontend candidate
  bind 127.0.0.1:${candidatePort} ssl crt-list ${places.candidate.list} strict-sni no-tls-tickets
  http-request return status 204
`
