import { readFile } from 'node:fs/promises'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { Agent, createServer, request } from 'node:https'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import { createClient, enroll } from './lib/client.mjs'
import { median, row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'

/**
 * GET change status per second, signature check included, against a bare handler on the same HTTP stack with the same answer in the same run.
 * Both servers run outside of the thread that asks.
 */
const SECONDS = 5
const CLIENTS = 16

if (!isMainThread) {
  const { key, cert, text } = await new Promise((resolve) => parentPort.once('message', resolve))
  const app = new Hono()
  app.get('*', (context) =>
    context.body(text, 200, { 'content-type': 'application/vnd.akamai.cps.change.v2+json' }),
  )
  const listener = getRequestListener(app.fetch)
  const server = createServer({ key, cert }, (incoming, outgoing) => void listener(incoming, outgoing))
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
}

async function startBareHandler(text) {
  const directory = await mkdtemp(join(tmpdir(), 'certrail-bench-'))
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      ...curve,
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=localhost',
      '-days',
      '2',
    ],
    { stdio: 'ignore' },
  )
  const worker = new Worker(new URL(import.meta.url))
  worker.postMessage({ key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8'), text })
  const port = await new Promise((resolve) => worker.once('message', resolve))
  await rm(directory, { recursive: true, force: true })
  return { port, stop: () => worker.terminate() }
}

async function perSecond(once) {
  const end = performance.now() + SECONDS * 1000
  let count = 0
  const loop = async () => {
    while (performance.now() < end) {
      await once()
      count += 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, loop))
  return count / SECONDS
}

export async function run() {
  const instance = await startInstance()
  const memoryAtStart = await instance.residentMegabytes()
  const client = await createClient(instance.home, { connections: CLIENTS })
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS, rejectUnauthorized: false })
  const change = await enroll(client, instance.ready.contract, 'status.bench.example')
  const read = () => client.call('GET', change, { accept: 'change.v2' })
  const bare = await startBareHandler(JSON.stringify((await read()).body))
  const readBare = () =>
    new Promise((resolve, reject) => {
      request({ agent, host: '127.0.0.1', port: bare.port, path: change }, (response) => {
        response.on('data', () => {})
        response.on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
  try {
    await perSecond(read)
    const rates = { own: [], bare: [] }
    for (let round = 0; round < 3; round += 1) {
      rates.own.push(await perSecond(read))
      rates.bare.push(await perSecond(readBare))
    }
    return [
      row(
        'GET change status, signature checked',
        'per second',
        median(rates.own),
        median(rates.bare),
        'a bare handler of the same HTTP stack',
      ),
      row(
        'memory of the server afterwards',
        'MB',
        await instance.residentMegabytes(),
        memoryAtStart,
        'when it was ready',
      ),
    ]
  } finally {
    client.close()
    agent.destroy()
    await bare.stop()
    await instance.stop()
  }
}
