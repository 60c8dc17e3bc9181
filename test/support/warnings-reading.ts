import { WARNINGS, WARNING_IDS, type WarningId } from '../../src/domain/findings/catalogue.ts'

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A placeholder matches anything of at least one character, newlines included. */
const patternOf = (template: string): string => template.split(/<.+?>/).map(escaped).join('[^]+?')

const PATTERNS = WARNING_IDS.map((id) => ({
  id,
  whole: new RegExp(`^${patternOf(WARNINGS[id])}$`),
  beginning: new RegExp(patternOf(WARNINGS[id]).split('\n')[0] ?? ''),
}))

/**
 * How the Terraform provider takes the text of a warnings resource apart, written from its description (spec: behaviour E1): each template becomes a regular
 * expression, the text is split at newlines, a line that begins no warning belongs to the one before, and each whole has to fit a template. Answers with the
 * ids that each warning fits; an empty list is a text on which the provider fails.
 */
export function readWarnings(text: string): readonly (readonly WarningId[])[] {
  const warnings: string[][] = []
  for (const line of text.split('\n')) {
    if (warnings.length === 0 || PATTERNS.some(({ beginning }) => beginning.test(line))) warnings.push([line])
    else warnings.at(-1)?.push(line)
  }
  return warnings.map((lines) =>
    PATTERNS.filter(({ whole }) => whole.test(lines.join('\n'))).map(({ id }) => id),
  )
}
