import type { ConfigFinding } from './invalid-config.ts'
import { type AuthorityConfig, readAuthorities } from './authorities.ts'
import { readSeed, type Seed } from './seed.ts'
import { SETTING_KEYS, type SettingKey } from './settings.ts'

export const HOME_FILE = 'certrail.config.json'

export interface HomeFile {
  readonly values: ReadonlyMap<SettingKey, string>
  readonly seed: Seed | null
  readonly authorities: readonly AuthorityConfig[]
  readonly findings: readonly ConfigFinding[]
}

/** Reads the text of certrail.config.json; null: there is none. Paths stand below `home`. Numbers, booleans and lists are taken as what they would be as text. */
export function readHomeFile(text: string | null, home: string): HomeFile {
  const values = new Map<SettingKey, string>()
  if (text === null) return { values, seed: null, authorities: [], findings: [] }
  const parsed = parseObject(text)
  if (parsed === null) {
    return {
      values,
      seed: null,
      authorities: [],
      findings: [{ name: HOME_FILE, detail: 'not a JSON object' }],
    }
  }
  const { seed: givenSeed, authorities: givenAuthorities, ...settings } = parsed
  const { seed, findings } = readSeed(givenSeed)
  const read = readAuthorities(givenAuthorities, home)
  const all = [...findings, ...read.findings]
  for (const [key, value] of Object.entries(settings)) {
    const finding = take(key, value, values)
    if (finding !== null) all.push({ name: `${HOME_FILE}: ${key}`, detail: finding })
  }
  return { values, seed, authorities: read.authorities, findings: all }
}

function take(key: string, value: unknown, values: Map<SettingKey, string>): string | null {
  const known = SETTING_KEYS.find((one) => one === key)
  if (known === undefined) return 'no such setting; docs/config.md lists them all'
  if (known === 'home') return 'the file stands in the home and cannot name it'
  if (value === null) return null
  const words: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!words.every((word) => ['string', 'number', 'boolean'].includes(typeof word))) {
    return 'a text, a number, true, false, or a list of them'
  }
  values.set(known, words.map(String).join(','))
  return null
}

/** What JSON.parse says is not passed on: it quotes the text, which may hold secrets. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null
  }
}
