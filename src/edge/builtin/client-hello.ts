import { parseClientHello, type ClientHello } from './client-hello-message.ts'

/**
 * Bytes on the wire, record headers included, until the hello is whole. Real ones have 200 to 2,000 bytes; OpenSSL itself accepts
 * 131,396. What lies behind the hello in the same piece does not count.
 */
export const CLIENT_HELLO_LIMIT_BYTES = 16_384

export type ClientHelloFault = 'not-tls' | 'malformed' | 'too-large'

export type ClientHelloReading =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'invalid'; readonly fault: ClientHelloFault }

/** Takes what arrives, in pieces of any size. Never throws; after `hello` or `invalid` every answer is that one. */
export interface ClientHelloReader {
  push(bytes: Uint8Array): ClientHelloReading
}

const RECORD_HEADER_BYTES = 5
const RECORD_LIMIT_BYTES = 16_384
const MESSAGE_HEADER_BYTES = 4
const RECORD_HANDSHAKE = 22
const CLIENT_HELLO = 1
const NEED_MORE: ClientHelloReading = { kind: 'need-more' }

export function createClientHelloReader(limitBytes = CLIENT_HELLO_LIMIT_BYTES): ClientHelloReader {
  const header = new Uint8Array(RECORD_HEADER_BYTES)
  let headerLength = 0
  let payloadLeft = 0
  let recordsSeen = 0
  let consumed = 0
  // Grows with what has come, not with what the length field promises: a thousand stalled peers must stay cheap.
  let message = new Uint8Array(512)
  let messageLength = 0
  let answer: ClientHelloReading = NEED_MORE

  function push(bytes: Uint8Array): ClientHelloReading {
    let at = 0
    while (answer === NEED_MORE && at < bytes.length) {
      const taken = payloadLeft === 0 ? pushHeader(bytes[at] as number) : pushPayload(bytes.subarray(at))
      at += taken
      consumed += taken
      if (answer === NEED_MORE && consumed >= limitBytes) answer = invalid('too-large')
    }
    return answer
  }

  /** RFC 8446 section 5.1. The first two bytes alone tell TLS from HTTP, SSLv2 and noise. */
  function pushHeader(byte: number): number {
    header[headerLength++] = byte
    if (headerLength === 1 && byte !== RECORD_HANDSHAKE)
      answer = invalid(recordsSeen === 0 ? 'not-tls' : 'malformed')
    if (headerLength === 2 && byte !== 3) answer = invalid(recordsSeen === 0 ? 'not-tls' : 'malformed')
    if (headerLength < RECORD_HEADER_BYTES) return 1
    headerLength = 0
    recordsSeen++
    payloadLeft = (header[3] as number) * 256 + (header[4] as number)
    // "Implementations MUST NOT send zero-length fragments of Handshake types."
    if (payloadLeft === 0 || payloadLeft > RECORD_LIMIT_BYTES) answer = invalid('malformed')
    return 1
  }

  function pushPayload(bytes: Uint8Array): number {
    const piece = bytes.subarray(0, Math.min(payloadLeft, bytes.length, limitBytes))
    append(piece)
    payloadLeft -= piece.length
    answer = judge()
    return piece.length
  }

  function judge(): ClientHelloReading {
    if (message[0] !== CLIENT_HELLO) return invalid('malformed')
    if (messageLength < MESSAGE_HEADER_BYTES) return NEED_MORE
    const wholeLength =
      MESSAGE_HEADER_BYTES +
      (message[1] as number) * 65_536 +
      (message[2] as number) * 256 +
      (message[3] as number)
    if (wholeLength > limitBytes) return invalid('too-large')
    // A second handshake message right behind the first cannot be: the client has yet to see our answer.
    if (messageLength > wholeLength || (messageLength === wholeLength && payloadLeft > 0))
      return invalid('malformed')
    if (messageLength < wholeLength) return NEED_MORE
    const hello = parseClientHello(message.subarray(MESSAGE_HEADER_BYTES, wholeLength))
    return hello === null ? invalid('malformed') : { kind: 'hello', hello }
  }

  function append(piece: Uint8Array): void {
    while (messageLength + piece.length > message.length) {
      const larger = new Uint8Array(message.length * 2)
      larger.set(message.subarray(0, messageLength))
      message = larger
    }
    message.set(piece, messageLength)
    messageLength += piece.length
  }

  return { push }
}

function invalid(fault: ClientHelloFault): ClientHelloReading {
  return { kind: 'invalid', fault }
}
