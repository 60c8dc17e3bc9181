/** RFC 1035 section 3.3: what one character-string can hold. */
const LONGEST = 255

/**
 * The character-strings of a text as zone files write them (RFC 1035 section 5.1): separated by blanks, in quotes where they hold blanks, `\X` and `\DDD` for what could
 * be misread. Null: a quote is not closed, an escape is none, or a string is too long.
 */
export function characterStrings(text: string): readonly Uint8Array[] | null {
  const strings: Uint8Array[] = []
  let rest = text.trim()
  while (rest !== '') {
    const token = /^(?:"((?:[^"\\]|\\[^])*)"|((?:[^"\s\\]|\\[^])+))(?=\s|$)/u.exec(rest)
    if (token === null) return null
    const octets = unescaped(token[1] ?? token[2] ?? '')
    if (octets === null || octets.length > LONGEST) return null
    strings.push(octets)
    rest = rest.slice(token[0].length).trimStart()
  }
  return strings
}

const encoder = new TextEncoder()

function unescaped(text: string): Uint8Array | null {
  const octets: number[] = []
  for (const [part] of text.matchAll(/\\\d{3}|\\[^]|[^\\]+/gu)) {
    const numbered = /^\\(\d{3})$/.exec(part)
    if (numbered === null) octets.push(...encoder.encode(part.replace(/^\\/, '')))
    else if (Number(numbered[1]) > 255) return null
    else octets.push(Number(numbered[1]))
  }
  return Uint8Array.from(octets)
}
