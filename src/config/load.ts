import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFlags } from './flags.ts'
import { HOME_FILE, readHomeFile } from './home-file.ts'
import type { AuthorityConfig } from './authorities.ts'
import { edgeMisfits } from './edge-misfits.ts'
import { type ConfigFinding, InvalidConfig } from './invalid-config.ts'
import type { Seed } from './seed.ts'
import {
  flagOf,
  type Mode,
  type Setting,
  SETTING_KEYS,
  type SettingKey,
  SETTINGS,
  type SettingValues,
  TEST_PREFIX,
} from './settings.ts'

export type Source = 'flag' | 'environment' | 'file' | 'default'

export interface Config extends SettingValues {
  /** Where each value comes from: an address that somebody asked for is not passed over as a default one is. */
  readonly sources: Readonly<Record<SettingKey, Source>>
  readonly seed: Seed | null
  /** CA accounts of the file; live mode. */
  readonly authorities: readonly AuthorityConfig[]
  /** One sentence each, for the log. */
  readonly warnings: readonly string[]
}

export interface ConfigInput {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** The text of a file, null when there is none. */
  readonly readText?: (path: string) => string | null
}

interface Given {
  readonly source: Source
  /** As the caller knows it, for messages. */
  readonly name: string
  readonly text: string | null
  /** What a relative path is relative to. */
  readonly base: string
}

/** Flag over environment over certrail.config.json in the home over default. Throws `InvalidConfig` with every finding. */
export function loadConfig({ argv, env, workingDirectory, readText = readIfThere }: ConfigInput): Config {
  const flags = readFlags(argv)
  const outside = (key: SettingKey): Given | null => {
    const { variable } = SETTINGS[key]
    const flag = flags.values.get(key)
    if (flag !== undefined)
      return { source: 'flag', name: flagOf(variable), text: flag, base: workingDirectory }
    const text = env[variable]
    // An empty variable is an unset one: the idiom of compose files and CI.
    return text ? { source: 'environment', name: variable, text, base: workingDirectory } : null
  }
  const home = String(read('home', outside('home') ?? byDefault('home', 'sandbox', workingDirectory), []))
  const file = readHomeFile(readText(join(home, HOME_FILE)), home)
  const given = (key: SettingKey, mode: Mode): Given => {
    const text = file.values.get(key)
    const inFile: Given | null =
      text === undefined ? null : { source: 'file', name: `${HOME_FILE}: ${key}`, text, base: home }
    return outside(key) ?? inFile ?? byDefault(key, mode, key === 'home' ? workingDirectory : home)
  }

  const findings: ConfigFinding[] = [...flags.findings, ...file.findings]
  const mode = read('mode', given('mode', 'sandbox'), []) === 'live' ? 'live' : 'sandbox'
  const givens = SETTING_KEYS.map((key) => [key, given(key, mode)] as const)
  const entries = givens.map(([key, one]) => [key, read(key, one, findings)] as const)
  const values = Object.fromEntries(entries) as unknown as SettingValues
  const place: Place = { mode, isLab: isLab(new Map(givens), file.authorities) }
  findings.push(...misfits(values, new Map(givens), place))
  if (findings.length > 0) throw new InvalidConfig(findings)
  return deepFreeze({
    ...values,
    sources: Object.fromEntries(givens.map(([key, { source }]) => [key, source])) as Record<
      SettingKey,
      Source
    >,
    seed: file.seed,
    authorities: file.authorities,
    warnings: [...unknownVariables(env), ...withoutEffect(new Map(givens), place)],
  })
}

function byDefault(key: SettingKey, mode: Mode, base: string): Given {
  const standard = (SETTINGS[key] as Setting<unknown>).default
  const text = typeof standard === 'string' ? standard : 'unset' in standard ? null : standard[mode]
  return { source: 'default', name: SETTINGS[key].variable, text, base }
}

function read(key: SettingKey, { name, text, base }: Given, findings: ConfigFinding[]): unknown {
  if (text === null) return null
  const setting = SETTINGS[key] as Setting<unknown>
  const value = setting.kind.parse(text, base)
  if (value !== undefined) return value
  const shown = setting.secret ? '' : `; it is ${JSON.stringify(text.slice(0, 80))}`
  findings.push({ name, detail: `${setting.kind.allowed}${shown}` })
  return null
}

/** What is allowed one by one, but not together. */
function misfits(
  values: SettingValues,
  givens: ReadonlyMap<SettingKey, Given>,
  place: Place,
): readonly ConfigFinding[] {
  const nameOf = (key: SettingKey): string => givens.get(key)?.name ?? key
  const findings: ConfigFinding[] = []
  const ports = ['apiPort', 'stagingPort', 'productionPort', 'httpPort', 'dnsPort'] as const
  for (const [at, key] of ports.entries()) {
    const other = ports.slice(0, at).find((earlier) => values[key] && values[earlier] === values[key])
    if (other)
      findings.push({ name: nameOf(key), detail: `the same port as ${nameOf(other)}, ${values[key]}` })
  }
  const hmacKey = values.ovEabHmacFile === null ? 'ovEabHmac' : 'ovEabHmacFile'
  const account = (['ovAcmeDirectory', 'ovEabKid', hmacKey] as const).filter((key) => values[key] === null)
  if (values.ovEabHmac !== null && values.ovEabHmacFile !== null)
    findings.push({
      name: nameOf('ovEabHmacFile'),
      detail: `set beside ${nameOf('ovEabHmac')}; one is enough`,
    })
  if (account.length > 0 && account.length < 3) {
    for (const key of account)
      findings.push({ name: nameOf(key), detail: 'missing: directory, kid and HMAC key come together' })
  }
  if ((values.delegationZone === null) !== (values.delegationNameServers === null)) {
    const key = values.delegationZone === null ? 'delegationZone' : 'delegationNameServers'
    findings.push({ name: nameOf(key), detail: 'missing: the zone and its name servers come together' })
  }
  findings.push(...edgeMisfits(values, nameOf))
  for (const key of misplaced(givens, place)) {
    if ((SETTINGS[key] as Setting<unknown>).refusedElsewhere) {
      findings.push({ name: nameOf(key), detail: `not allowed in ${place.mode} mode` })
    }
  }
  return findings
}

interface Place {
  readonly mode: Mode
  readonly isLab: boolean
}

const misplaced = (
  givens: ReadonlyMap<SettingKey, Given>,
  { mode, isLab: inLab }: Place,
): readonly SettingKey[] =>
  SETTING_KEYS.filter((key) => {
    const { only } = SETTINGS[key] as Setting<unknown>
    const isElsewhere = only !== undefined && only !== mode && givens.get(key)?.source !== 'default'
    return isElsewhere && !(key === 'failpoint' && inLab)
  })

/** Nobody's certificates depend on CAs that all run on the same machine as we do. */
function isLab(
  givens: ReadonlyMap<SettingKey, Given>,
  authorities: readonly Pick<AuthorityConfig, 'directory'>[],
): boolean {
  const settings = [givens.get('acmeDirectory')?.text ?? '', givens.get('ovAcmeDirectory')?.text ?? null]
  return [...settings, ...authorities.map(({ directory }) => directory)].every(
    (url) => url === null || (URL.canParse(url) && LOOPBACK.has(new URL(url).hostname)),
  )
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

const withoutEffect = (givens: ReadonlyMap<SettingKey, Given>, place: Place): readonly string[] =>
  misplaced(givens, place).map((key) => `${givens.get(key)?.name} has no effect in ${place.mode} mode`)

function unknownVariables(env: ConfigInput['env']): readonly string[] {
  const known: readonly string[] = SETTING_KEYS.map((key) => SETTINGS[key].variable)
  return Object.keys(env)
    .filter((name) => name.startsWith('CERTRAIL_') && !name.startsWith(TEST_PREFIX) && !known.includes(name))
    .toSorted()
    .map((name) => `${name} is no setting of Certrail; docs/config.md lists them all`)
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
