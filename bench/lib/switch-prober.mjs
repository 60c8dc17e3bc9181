import { connect } from 'node:tls'

/** Asks one address for one name over and over; tells the parent when the answer was another one than before, by the wall clock, and how long handshakes take. */
const PAUSE_MS = 2

process.once('message', (asked) => void probe(asked))

async function probe({ port, servername }) {
  let isRunning = true
  let last = ''
  process.once('disconnect', () => (isRunning = false))
  while (isRunning) {
    const begun = performance.now()
    const fingerprint = await answered(port, servername)
    const at = performance.timeOrigin + performance.now()
    if (fingerprint !== last) process.send({ at, fingerprint, ms: performance.now() - begun })
    last = fingerprint
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const answered = (port, servername) =>
  new Promise((resolve) => {
    const tls = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      const { fingerprint256 } = tls.getPeerCertificate()
      tls.destroy()
      resolve(fingerprint256)
    })
    tls.once('error', () => resolve('failed'))
  })
