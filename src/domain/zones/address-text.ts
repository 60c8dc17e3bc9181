const OCTET = /^(0|[1-9]\d{0,2})$/

/** Four decimal numbers, without leading zeros (RFC 6943 section 3.1.1: others are read in more than one way). */
export function isIpv4Text(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => OCTET.test(part) && Number(part) <= 255)
}

/** RFC 4291 section 2.2, all three forms; no zone index. */
export function isIpv6Text(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const embedded = last.includes('.')
  const plain = embedded ? groups.slice(0, -1) : groups
  if (embedded && (!isIpv4Text(last) || text.endsWith('::'))) return false
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  const count = plain.length + (embedded ? 2 : 0)
  return halves.length === 2 ? count <= 7 : count === 8
}
