/**
 * Reads big-endian numbers and length-prefixed vectors (RFC 8446 section 3.4) from untrusted bytes without throwing: past the end every
 * read gives zero or nothing, and `isBroken()` says so once for all of them.
 */
export interface ByteCursor {
  unsigned(width: 1 | 2 | 3): number
  take(length: number): Uint8Array
  /** A vector whose length stands before it in `width` bytes. */
  vector(width: 1 | 2 | 3): Uint8Array
  isAtEnd(): boolean
  isBroken(): boolean
}

const NOTHING = new Uint8Array(0)

export function createByteCursor(bytes: Uint8Array): ByteCursor {
  let at = 0
  let broken = false

  function take(length: number): Uint8Array {
    if (at + length > bytes.length) {
      broken = true
      at = bytes.length
      return NOTHING
    }
    at += length
    return bytes.subarray(at - length, at)
  }

  function unsigned(width: 1 | 2 | 3): number {
    let value = 0
    for (const byte of take(width)) value = value * 256 + byte
    return value
  }

  return {
    unsigned,
    take,
    vector: (width) => take(unsigned(width)),
    isAtEnd: () => at === bytes.length,
    isBroken: () => broken,
  }
}
