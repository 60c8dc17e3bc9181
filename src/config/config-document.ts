import { HOME_FILE } from './home-file.ts'
import { flagOf, type Setting, SETTING_KEYS, type SettingKey, SETTINGS } from './settings.ts'

/** The text of docs/config.md. */
export const configDocument = (): string => `# Settings

Written by \`npm run docs\` from \`src/config/settings.ts\`; a test holds the two equal.

Flag over environment over \`${HOME_FILE}\` in the home over default. An empty variable is an unset one. Lists are separated by
commas, in the file also written as JSON lists. A relative path is relative to the working directory, in the file and as a default
to the home. Whatever is not usable is refused at start, all of it at once; a variable \`CERTRAIL_…\` that is none of these is
reported in the log.

| variable | flag | key in the file | allowed | default | meaning |
|---|---|---|---|---|---|
${SETTING_KEYS.map(rowOf).join('\n')}

## Seed

\`seed\` in \`${HOME_FILE}\` names accounts, contracts, switch keys and API clients that are to exist with the caller's own ids. It is
applied once. \`account\` is the id of an account of the seed; left out, the first account. \`switchKeys\` of a client are those of other
accounts that it may use; administrators of the first account may use all.

\`\`\`json
${JSON.stringify(SEED_EXAMPLE, null, 2)}
\`\`\`
`

export const SEED_EXAMPLE = {
  seed: {
    accounts: [{ id: 'A-EXAMPLE', name: 'Example' }],
    contracts: [{ id: 'C-0N7RAC7', account: 'A-EXAMPLE' }],
    switchKeys: [{ switchKey: '1-ABC:1-8BYUX', account: 'A-EXAMPLE' }],
    clients: [
      {
        account: 'A-EXAMPLE',
        name: 'pipeline',
        role: 'operator',
        clientToken: 'akab-client-token',
        clientSecret: 'at-least-32-random-characters',
        accessToken: 'akab-access-token',
      },
    ],
  },
} as const

function rowOf(key: SettingKey): string {
  const setting = SETTINGS[key] as Setting<unknown>
  const cells = [
    `\`${setting.variable}\``,
    `\`${flagOf(setting.variable)}\``,
    key === 'home' ? '' : `\`${key}\``,
    setting.kind.allowed,
    defaultOf(setting),
    setting.only === undefined ? setting.meaning : `${setting.only} only: ${setting.meaning}`,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultOf({ default: standard }: Setting<unknown>): string {
  if (typeof standard === 'string') return `\`${standard}\``
  if ('unset' in standard) return `unset: ${standard.unset}`
  return `\`${standard.sandbox}\` in sandbox, \`${standard.live}\` in live`
}
