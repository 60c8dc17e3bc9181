import { WARNINGS, WARNING_IDS, type WarningId } from './catalogue.ts'

/** The fixed parts of a template, between which any text of at least one character may stand. */
type Pieces = readonly string[]

const piecesOf = (template: string): Pieces => template.split(/<[^<>]+>/)

const WHOLE: readonly (readonly [WarningId, Pieces])[] = WARNING_IDS.map((id) => [id, piecesOf(WARNINGS[id])])

const BEGINNINGS: readonly Pieces[] = WARNING_IDS.map((id) => piecesOf(WARNINGS[id].split('\n')[0] ?? ''))

/**
 * Whether a client that takes a list of warnings apart by the catalogue reads `text` as one warning, with this id and no other. Such a
 * client (the Terraform provider; spec: behaviour E1) begins a warning at each line in which the first line of any template occurs, and
 * then wants the whole to be one template. No regular expressions: values come from strangers, and this costs time in proportion to them.
 */
export function readsAs(text: string, id: WarningId): boolean {
  const [, ...later] = text.split('\n')
  if (later.some((line) => BEGINNINGS.some((pieces) => occursIn(line, pieces)))) return false
  return WHOLE.every(([other, pieces]) => isWhole(text, pieces) === (other === id))
}

/** Leftmost is enough: whatever stands between two pieces may be as long as it likes. */
function occursIn(line: string, pieces: Pieces): boolean {
  const [first = '', ...rest] = pieces
  const start = line.indexOf(first)
  return start !== -1 && afterPieces(line, start + first.length, rest) !== null
}

function isWhole(text: string, pieces: Pieces): boolean {
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = afterPieces(text, first.length, rest)
  return end !== null && end + 1 <= text.length - last.length
}

/** Where the last of `pieces` ends when each stands at least one character behind the one before; null when they do not. */
function afterPieces(text: string, from: number, pieces: Pieces): number | null {
  let end = from
  for (const piece of pieces) {
    if (end + 1 > text.length) return null
    const start = text.indexOf(piece, end + 1)
    if (start === -1) return null
    end = start + piece.length
  }
  return end
}
