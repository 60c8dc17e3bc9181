import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { configDocument } from '../../src/config/config-document.ts'
import { SETTING_KEYS, SETTINGS } from '../../src/config/settings.ts'

it('docs/config.md is what the table of settings says (npm run docs writes it)', () => {
  expect(readFileSync('docs/config.md', 'utf8')).toBe(configDocument())
})

it('docs/config.md names every variable once as the first cell of a row', () => {
  const cells = [...configDocument().matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1])
  expect(cells).toEqual(SETTING_KEYS.map((key) => SETTINGS[key].variable))
})
