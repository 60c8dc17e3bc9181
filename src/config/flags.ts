import type { ConfigFinding } from './invalid-config.ts'
import { flagOf, SETTING_KEYS, SETTINGS, type SettingKey } from './settings.ts'

export interface GivenFlags {
  readonly values: ReadonlyMap<SettingKey, string>
  readonly findings: readonly ConfigFinding[]
}

/** Reads `--name value` and `--name=value`; of the same flag twice the last one counts. */
export function readFlags(argv: readonly string[]): GivenFlags {
  const known = new Map(SETTING_KEYS.map((key) => [flagOf(SETTINGS[key].variable), key]))
  const values = new Map<SettingKey, string>()
  const findings: ConfigFinding[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    const [name = '', ...rest] = word.split('=')
    const key = known.get(name)
    if (key === undefined) {
      findings.push({ name: name.slice(0, 60), detail: 'no such setting; docs/config.md lists them all' })
      continue
    }
    const value = word.includes('=') ? rest.join('=') : argv[(at += 1)]
    if (value === undefined || value === '' || known.has(value))
      findings.push({ name, detail: 'a value is missing' })
    else values.set(key, value)
  }
  return { values, findings }
}
