import { createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto'
import { createByteCursor } from './byte-cursor.ts'

/**
 * The Certificate message of a handshake, certificate by certificate, exactly as the server sent it. Node shows only a chain that it has
 * sorted and filled up by itself, so a wrong order, a stray certificate or a missing intermediate would go unseen. TLS 1.2 sends the
 * message in clear (RFC 5246 section 7.4.2); for TLS 1.3 (RFC 8446 section 4.4.2) the key log of our own handshake opens it.
 */
export interface HandshakeTranscript {
  readonly protocol: string
  /** IANA name, for example `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string
  /** Every byte that the server sent until the handshake was done. */
  readonly received: Uint8Array
  /** Lines of the NSS key log format. */
  readonly keyLog: readonly string[]
}

interface TlsRecord {
  readonly type: number
  readonly header: Uint8Array
  readonly payload: Uint8Array
}

interface TrafficCipher {
  readonly algorithm: CipherGCMTypes | 'chacha20-poly1305'
  readonly keyBytes: number
  readonly hash: 'sha256' | 'sha384'
}

const RECORD_HANDSHAKE = 22
const RECORD_APPLICATION_DATA = 23
const MESSAGE_CERTIFICATE = 11
const MESSAGE_CERTIFICATE_REQUEST = 13
const TAG_BYTES = 16
const NONCE_BYTES = 12

/** RFC 8446 appendix B.4, the three that OpenSSL offers. */
const TRAFFIC_CIPHERS: Readonly<{ [cipher: string]: TrafficCipher }> = {
  TLS_AES_128_GCM_SHA256: { algorithm: 'aes-128-gcm', keyBytes: 16, hash: 'sha256' },
  TLS_AES_256_GCM_SHA384: { algorithm: 'aes-256-gcm', keyBytes: 32, hash: 'sha384' },
  TLS_CHACHA20_POLY1305_SHA256: { algorithm: 'chacha20-poly1305', keyBytes: 32, hash: 'sha256' },
}

export interface SentCertificates {
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[]
  /** Of the message, with its header of four. */
  readonly octets: number
}

/** null: the transcript holds no whole Certificate message (a resumed session, say). */
export function sentCertificates(transcript: HandshakeTranscript): SentCertificates | null {
  const isTls13 = transcript.protocol === 'TLSv1.3'
  const handshake = isTls13 ? decryptedHandshake(transcript) : clearHandshake(transcript.received)
  const message = handshake === null ? null : certificateMessageIn(handshake)
  const certificates = message === null ? null : certificatesIn(message, isTls13)
  return message === null || certificates === null ? null : { certificates, octets: message.length + 4 }
}

/** Whether a handshake of TLS 1.2, which is in clear, asks the client for a certificate (RFC 5246 section 7.4.4). */
export const asksForCertificate = (received: Uint8Array): boolean =>
  messageTypesIn(clearHandshake(received)).includes(MESSAGE_CERTIFICATE_REQUEST)

function messageTypesIn(handshake: Uint8Array): readonly number[] {
  const cursor = createByteCursor(handshake)
  const types: number[] = []
  while (!cursor.isAtEnd()) {
    const [type = 0, high = 0, middle = 0, low = 0] = cursor.take(4)
    cursor.take((high << 16) | (middle << 8) | low)
    if (cursor.isBroken()) break
    types.push(type)
  }
  return types
}

function* recordsOf(received: Uint8Array): Generator<TlsRecord> {
  const cursor = createByteCursor(received)
  while (!cursor.isAtEnd()) {
    const header = cursor.take(5)
    const payload = cursor.take((header[3] ?? 0) * 256 + (header[4] ?? 0))
    if (cursor.isBroken()) return
    yield { type: header[0] as number, header, payload }
  }
}

function clearHandshake(received: Uint8Array): Uint8Array {
  const payloads = [...recordsOf(received)].filter(({ type }) => type === RECORD_HANDSHAKE)
  return Buffer.concat(payloads.map(({ payload }) => payload))
}

/** Records under the server's handshake keys: from the first protected one until its Finished; later ones have other keys. */
function decryptedHandshake(transcript: HandshakeTranscript): Uint8Array | null {
  const cipher = TRAFFIC_CIPHERS[transcript.cipher]
  const line = transcript.keyLog.find((entry) => entry.startsWith('SERVER_HANDSHAKE_TRAFFIC_SECRET '))
  const secret = line?.trim().split(' ')[2]
  if (cipher === undefined || secret === undefined) return null
  const open = recordOpener(cipher, Buffer.from(secret, 'hex'))
  const pieces: Uint8Array[] = []
  for (const record of recordsOf(transcript.received)) {
    if (record.type !== RECORD_APPLICATION_DATA) continue
    const inner = open(record)
    if (inner === null) break
    // RFC 8446 section 5.2: content, its real type, then zeros as padding.
    const typeAt = inner.findLastIndex((byte) => byte !== 0)
    if (inner[typeAt] !== RECORD_HANDSHAKE) break
    pieces.push(inner.subarray(0, typeAt))
  }
  return Buffer.concat(pieces)
}

function recordOpener(cipher: TrafficCipher, secret: Buffer): (record: TlsRecord) => Uint8Array | null {
  const key = expandLabel(cipher, secret, 'key', cipher.keyBytes)
  const staticNonce = expandLabel(cipher, secret, 'iv', NONCE_BYTES)
  let sequence = 0n

  return ({ header, payload }) => {
    if (payload.length <= TAG_BYTES) return null
    const nonce = Buffer.from(staticNonce)
    // RFC 8446 section 5.3: the sequence number, left-padded, XOR the static nonce.
    const low = nonce.readBigUInt64BE(4) ^ sequence++
    nonce.writeBigUInt64BE(low, 4)
    const decipher = createDecipheriv(cipher.algorithm as CipherGCMTypes, key, nonce, {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(header)
    decipher.setAuthTag(payload.subarray(-TAG_BYTES))
    try {
      return Buffer.concat([decipher.update(payload.subarray(0, -TAG_BYTES)), decipher.final()])
    } catch {
      return null
    }
  }
}

/** RFC 8446 section 7.1, HKDF-Expand-Label with an empty context. */
function expandLabel(cipher: TrafficCipher, secret: Buffer, label: string, length: number): Buffer {
  const fullLabel = Buffer.from(`tls13 ${label}`, 'latin1')
  const info = Buffer.concat([Buffer.of(0, length, fullLabel.length), fullLabel, Buffer.of(0)])
  // RFC 5869 section 2.3: one block suffices, since neither a key nor a nonce is longer than the hash.
  return createHmac(cipher.hash, secret).update(info).update(Buffer.of(1)).digest().subarray(0, length)
}

function certificateMessageIn(handshake: Uint8Array): Uint8Array | null {
  const cursor = createByteCursor(handshake)
  while (!cursor.isAtEnd()) {
    const type = cursor.unsigned(1)
    const body = cursor.vector(3)
    if (cursor.isBroken()) return null
    if (type === MESSAGE_CERTIFICATE) return body
  }
  return null
}

function certificatesIn(message: Uint8Array, isTls13: boolean): readonly Uint8Array[] | null {
  const cursor = createByteCursor(message)
  if (isTls13) cursor.vector(1)
  const list = createByteCursor(cursor.vector(3))
  const certificates: Uint8Array[] = []
  while (!list.isAtEnd()) {
    certificates.push(Uint8Array.from(list.vector(3)))
    if (isTls13) list.vector(2)
  }
  return cursor.isBroken() || list.isBroken() || certificates.length === 0 ? null : certificates
}
