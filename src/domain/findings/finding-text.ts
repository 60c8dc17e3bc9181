import type { Finding } from '../change/change.ts'
import { WARNINGS, type WarningId, type WarningValues } from './catalogue.ts'
import { readsAs } from './reading.ts'

type Arguments<Id extends WarningId> = keyof WarningValues<Id> extends never
  ? readonly []
  : readonly [values: WarningValues<Id>]

/** Characters of one value. A chain of twenty certificates with ordinary names needs about 4,000. */
const LONGEST_VALUE = 8_000

/** What stands for an empty value: the catalogue's own word, since a placeholder never matches nothing. */
const NOTHING = 'missing'

/** From the most faithful to the one that can quote no template: hardly any value needs more than the first. */
const WRITINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => value.replaceAll(' ', '\u00a0'),
  (value) => value.replaceAll(/[^A-Za-z0-9.*-]/g, '_'),
]

/**
 * The text of a warning with its values filled in. Clients read back exactly one warning of this id, whatever the values say: line breaks
 * and control characters become spaces, and a value that quotes another warning gets its spaces replaced.
 */
export function findingText<Id extends WarningId>(id: Id, ...[values]: Arguments<Id>): string {
  const texts = WRITINGS.map((write) => filled(id, values ?? {}, write))
  return texts.find((text) => readsAs(text, id)) ?? filled(id, {}, () => NOTHING)
}

export const finding = <Id extends WarningId>(id: Id, ...values: Arguments<Id>): Finding => ({
  id,
  text: findingText(id, ...values),
})

function filled(
  id: WarningId,
  values: Readonly<Record<string, string | number>>,
  write: (value: string) => string,
): string {
  const given = new Map(Object.entries(values))
  return WARNINGS[id].replaceAll(/<([^<>]+)>/g, (_, name: string) =>
    write(plainValue(String(given.get(name) ?? ''))),
  )
}

/** On one line, without characters that steer a terminal or turn the direction of writing, and storable. */
function plainValue(value: string): string {
  const plain = value
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
  const bounded = plain.length > LONGEST_VALUE ? `${[...plain].slice(0, LONGEST_VALUE).join('')}…` : plain
  return bounded === '' ? NOTHING : bounded
}
