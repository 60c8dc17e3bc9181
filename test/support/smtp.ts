import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly to: readonly string[]
  /** As it came over the wire: headers and text. */
  readonly source: string
}

/** A real SMTP server on a free port of loopback. `refuse`: what to answer instead of taking the next mails. */
export async function startSmtp() {
  const mails: ReceivedMail[] = []
  const refusals: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'certrail' && password === 'made-up'
        ? done(null, { user: username })
        : done(new Error('no')),
    onData(stream, session, done) {
      text(stream).then((source) => {
        const refusal = refusals.shift()
        if (refusal !== undefined) return done(Object.assign(new Error(refusal), { responseCode: 451 }))
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), source })
        done()
      }, done)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://certrail:made-up@127.0.0.1:${port}`,
    mails,
    refuseNext: (reason: string) => void refusals.push(reason),
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

export type TestSmtp = Awaited<ReturnType<typeof startSmtp>>
