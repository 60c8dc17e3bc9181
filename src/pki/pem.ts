/** RFC 7468 section 3: 64 characters a line, a newline at the end. */
export function toPem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** RFC 7468 names for what we write. A CRL's is `X509 CRL`: OpenSSL refuses `CRL`. */
export type PemLabel =
  | 'CERTIFICATE'
  | 'CERTIFICATE REQUEST'
  | 'X509 CRL'
  | 'EC PRIVATE KEY'
  | 'RSA PRIVATE KEY'

export interface PemBlock {
  readonly label: string
  readonly der: Buffer
}

/** Why text is not PEM, in words for the one who sent it; never with a piece of the content. */
export class PemError extends Error {}

const BEGIN = '-----BEGIN '
const DASHES = '-----'

/**
 * All blocks of a text, in order; CRLF, blank lines and text around them are passed over. One pass without regular expressions over
 * the whole: text from strangers costs time in proportion to its length.
 */
export function pemBlocks(text: string, maxBlocks: number): PemBlock[] {
  const blocks: PemBlock[] = []
  for (let at = text.indexOf(BEGIN); at !== -1; ) {
    if (blocks.length === maxBlocks) throw new PemError(`more than ${maxBlocks} PEM blocks`)
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length)
    const label = labelEnd === -1 ? '' : text.slice(at + BEGIN.length, labelEnd)
    if (!/^[A-Z0-9 ]{1,40}$/.test(label)) throw new PemError('a BEGIN line without a proper label')
    const bodyStart = labelEnd + DASHES.length
    const endLine = `-----END ${label}-----`
    const bodyEnd = text.indexOf(endLine, bodyStart)
    if (bodyEnd === -1) throw new PemError(`a BEGIN ${label} without its END`)
    blocks.push({ label, der: decodeBase64(text.slice(bodyStart, bodyEnd), label) })
    at = text.indexOf(BEGIN, bodyEnd + endLine.length)
  }
  return blocks
}

/** Strict, since `Buffer.from` passes over whatever it does not know. */
function decodeBase64(body: string, label: string): Buffer {
  const digits = body.replaceAll(/[ \t\r\n]+/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(digits)) {
    throw new PemError(`a ${label} block that is not base64`)
  }
  return Buffer.from(digits, 'base64')
}
