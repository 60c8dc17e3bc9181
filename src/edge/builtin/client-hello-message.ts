import { createByteCursor, type ByteCursor } from '../byte-cursor.ts'

/** What a client asks for before any key exists. RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2. */
export interface ClientHello {
  /** As on the wire: 0x0303 for TLS 1.2 and later, which tell their version in `supportedVersions`. */
  readonly legacyVersion: number
  /** RFC 6066 section 3: lower case, without a closing dot; null when the extension is missing. */
  readonly serverName: string | null
  /** RFC 7301, in the client's order; bytes as Latin-1. */
  readonly alpnProtocols: readonly string[]
  /** RFC 8446 section 4.2.1, in the client's order, GREASE included. */
  readonly supportedVersions: readonly number[]
  /** Whether a ticket (RFC 5077), a pre-shared key (RFC 8446 section 4.2.11) or a TLS 1.2 session id is offered; a TLS 1.3 client in compatibility mode sends an id too, which does not count. */
  readonly offersResumption: boolean
  /** Code points, in the client's order, GREASE included. */
  readonly cipherSuites: readonly number[]
  /** RFC 8446 section 4.2.7; empty where the extension is missing or no list. */
  readonly groups: readonly number[]
  /** RFC 8446 section 4.2.3, `signature_algorithms`; empty alike. */
  readonly signatures: readonly number[]
  /** RFC 8446 section 4.2.3, `signature_algorithms_cert`; null: it is missing. */
  readonly certificateSignatures: readonly number[] | null
}

const EXTENSION = {
  serverName: 0,
  groups: 10,
  signatures: 13,
  alpn: 16,
  sessionTicket: 35,
  preSharedKey: 41,
  supportedVersions: 43,
  certificateSignatures: 50,
} as const
const HOST_NAME = 0

/** The body of a ClientHello, without its 4-byte handshake header. null: not a ClientHello as the RFCs write it. */
export function parseClientHello(body: Uint8Array): ClientHello | null {
  const cursor = createByteCursor(body)
  const legacyVersion = cursor.unsigned(2)
  cursor.take(32)
  const sessionId = cursor.vector(1)
  const cipherSuites = cursor.vector(2)
  const compressionMethods = cursor.vector(1)
  const extensions = readExtensions(cursor)
  if (cursor.isBroken() || !cursor.isAtEnd() || extensions === null) return null
  if (legacyVersion >> 8 !== 3 || sessionId.length > 32 || compressionMethods.length === 0) return null
  if (cipherSuites.length === 0 || cipherSuites.length % 2 !== 0) return null

  const serverName = readServerName(extensions.get(EXTENSION.serverName))
  const alpnProtocols = readAlpn(extensions.get(EXTENSION.alpn))
  const supportedVersions = readVersions(extensions.get(EXTENSION.supportedVersions))
  if (serverName === undefined || alpnProtocols === null || supportedVersions === null) return null
  const offersTicket = (extensions.get(EXTENSION.sessionTicket)?.length ?? 0) > 0
  const offersId = sessionId.length > 0 && supportedVersions.length === 0
  const offersResumption = offersTicket || offersId || extensions.has(EXTENSION.preSharedKey)
  const certificateSignatures = extensions.get(EXTENSION.certificateSignatures)
  return {
    legacyVersion,
    serverName,
    alpnProtocols,
    supportedVersions,
    offersResumption,
    cipherSuites: codePoints(cipherSuites),
    groups: readCodePoints(extensions.get(EXTENSION.groups)),
    signatures: readCodePoints(extensions.get(EXTENSION.signatures)),
    certificateSignatures: certificateSignatures === undefined ? null : readCodePoints(certificateSignatures),
  }
}

/** RFC 8446 section 4.2: "There MUST NOT be more than one extension of the same type". A hello may end before its extensions. */
function readExtensions(cursor: ByteCursor): ReadonlyMap<number, Uint8Array> | null {
  const extensions = new Map<number, Uint8Array>()
  if (cursor.isAtEnd()) return extensions
  const list = createByteCursor(cursor.vector(2))
  while (!list.isAtEnd()) {
    const type = list.unsigned(2)
    const data = list.vector(2)
    if (list.isBroken() || extensions.has(type)) return null
    extensions.set(type, data)
  }
  return extensions
}

/**
 * Exactly one host_name, as OpenSSL has it too: the list of RFC 6066 was never extended, and two names in it would let two readers
 * disagree. undefined: malformed.
 */
function readServerName(data: Uint8Array | undefined): string | null | undefined {
  if (data === undefined) return null
  const outer = createByteCursor(data)
  const list = createByteCursor(outer.vector(2))
  const type = list.unsigned(1)
  const name = list.vector(2)
  if (outer.isBroken() || !outer.isAtEnd() || list.isBroken() || !list.isAtEnd()) return undefined
  if (type !== HOST_NAME || name.length === 0 || name.length > 255) return undefined
  if (!name.every((byte) => byte > 0x20 && byte < 0x7f)) return undefined
  return latin1(name).toLowerCase().replace(/\.$/, '')
}

function readAlpn(data: Uint8Array | undefined): readonly string[] | null {
  if (data === undefined) return []
  const outer = createByteCursor(data)
  const list = createByteCursor(outer.vector(2))
  if (outer.isBroken() || !outer.isAtEnd() || list.isAtEnd()) return null
  const protocols: string[] = []
  while (!list.isAtEnd()) {
    const protocol = list.vector(1)
    if (list.isBroken() || protocol.length === 0) return null
    protocols.push(latin1(protocol))
  }
  return protocols
}

function readVersions(data: Uint8Array | undefined): readonly number[] | null {
  if (data === undefined) return []
  const outer = createByteCursor(data)
  const list = createByteCursor(outer.vector(1))
  if (outer.isBroken() || !outer.isAtEnd() || list.isAtEnd()) return null
  const versions: number[] = []
  while (!list.isAtEnd()) versions.push(list.unsigned(2))
  return list.isBroken() ? null : versions
}

/** Whoever ends the handshake refuses what is malformed; until then it says nothing. */
function readCodePoints(data: Uint8Array | undefined): readonly number[] {
  if (data === undefined) return []
  const outer = createByteCursor(data)
  const list = outer.vector(2)
  return outer.isBroken() || !outer.isAtEnd() || list.length % 2 !== 0 ? [] : codePoints(list)
}

const codePoints = (list: Uint8Array): readonly number[] =>
  Array.from(
    { length: list.length / 2 },
    (_, index) => (list[2 * index] ?? 0) * 256 + (list[2 * index + 1] ?? 0),
  )

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
