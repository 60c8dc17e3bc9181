import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Which requests are being answered, and the means to end those that wait. */
export interface OpenRequests {
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void
  /** Aborts when the caller has gone, the answer is out, or the server stops. */
  signalOf(incoming: IncomingMessage): AbortSignal
  /** Whether a part of an answer is on its way on this connection. */
  isAnswering(socket: Duplex): boolean
  /** Aborts all; from then on `whenOneEnds` runs after each answer. */
  endAll(whenOneEnds: () => void): void
}

export function createOpenRequests(): OpenRequests {
  // One controller per request and a plain set: AbortSignal.any on one long-lived signal leaks on Node 20.
  // Made when somebody asks: most requests are answered without waiting for anything that could be ended.
  const controllers = new Map<IncomingMessage, AbortController | null>()
  const answers = new WeakMap<Duplex, Set<ServerResponse>>()
  let onEnd: (() => void) | null = null

  const answersOn = (socket: Duplex): Set<ServerResponse> => {
    const known = answers.get(socket) ?? new Set()
    answers.set(socket, known)
    return known
  }

  return {
    begin(incoming, outgoing) {
      const { socket } = incoming
      controllers.set(incoming, null)
      answersOn(socket).add(outgoing)
      outgoing.once('close', () => {
        const controller = controllers.get(incoming)
        controllers.delete(incoming)
        answersOn(socket).delete(outgoing)
        controller?.abort()
        if (onEnd !== null) setImmediate(onEnd)
      })
    },
    signalOf(incoming) {
      const known = controllers.get(incoming)
      if (known === undefined) return AbortSignal.abort()
      const controller = known ?? new AbortController()
      controllers.set(incoming, controller)
      if (onEnd !== null) controller.abort()
      return controller.signal
    },
    isAnswering: (socket) => [...answersOn(socket)].some((answer) => answer.headersSent),
    endAll(whenOneEnds) {
      onEnd = whenOneEnds
      for (const controller of controllers.values()) controller?.abort()
    },
  }
}
