import type { JsonObject } from '../wire/json.ts'

/** Proxies and clients give up on silent connections sooner than this doubled. */
const HEARTBEAT_MS = 15_000
/** A caller that does not read is let go; it comes back with Last-Event-ID. */
const MOST_UNREAD = 1_000

export interface StreamedEvent {
  readonly id: number
  readonly data: JsonObject
}

/** Server-sent events (HTML, section 9.2). Ends when the source ends or the signal aborts; a source that fails ends the stream, and clients come back with Last-Event-ID. */
export function eventStream(
  events: AsyncIterable<StreamedEvent>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = events[Symbol.asyncIterator]()
  let heartbeat: NodeJS.Timeout | undefined
  let ended = false

  const end = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (ended) return
    ended = true
    clearInterval(heartbeat)
    controller.close()
  }

  async function copy(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const next = await iterator.next()
      if (next.done === true || ended || (controller.desiredSize ?? 0) < -MOST_UNREAD) return
      controller.enqueue(
        encoder.encode(`id: ${next.value.id}\nevent: change\ndata: ${JSON.stringify(next.value.data)}\n\n`),
      )
    }
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(': connected\n\n'))
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(': still here\n\n')), HEARTBEAT_MS)
      heartbeat.unref()
      if (signal.aborted) end(controller)
      signal.addEventListener('abort', () => end(controller), { once: true })
      copy(controller).then(
        () => end(controller),
        () => end(controller),
      )
    },
    cancel() {
      ended = true
      clearInterval(heartbeat)
    },
  })
}
