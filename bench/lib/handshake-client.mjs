import { connect } from 'node:tls'

/**
 * Full TLS 1.3 handshakes with names at random, over and over, until the parent says stop; told what came of it. Started pinned to a core of its own, so
 * that it takes nothing from the server. Each ends with a close_notify and is waited for: whoever destroys the socket as soon as it is secure takes its own
 * Finished along, and the server never sees the end of the handshake.
 */
process.once('message', ({ port, count, concurrency, asksForEach = false }) => {
  let isRunning = true
  // Each name once, and then at random.
  let unasked = asksForEach ? count : 0
  const outcome = { handshakes: 0, failures: 0 }
  const once = () =>
    new Promise((resolve) => {
      const index = unasked > 0 ? --unasked : Math.floor(Math.random() * count)
      const servername = `n${index}.edge.bench.example`
      const tls = connect({
        host: '127.0.0.1',
        port,
        servername,
        minVersion: 'TLSv1.3',
        rejectUnauthorized: false,
      })
      let isDone = false
      let isSecure = false
      const done = (kind) => {
        if (isDone) return
        isDone = true
        outcome[kind] += 1
        tls.destroy()
        resolve()
      }
      tls.once('secureConnect', () => {
        isSecure = true
        tls.resume()
        tls.end()
      })
      tls.on('error', () => done('failures'))
      tls.once('close', () => done(isSecure ? 'handshakes' : 'failures'))
    })
  const loop = async () => {
    while (isRunning || unasked > 0) await once()
  }
  const loops = Promise.all(Array.from({ length: concurrency }, loop))
  process.once('message', () => {
    isRunning = false
    void loops.then(() => process.send(outcome, () => process.disconnect()))
  })
  process.send('running')
})
