import { readFile, readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { WARNING_IDS } from '../../src/domain/findings/catalogue.ts'
import { RAISED_WARNING_IDS, warningsDocument } from '../../src/domain/findings/warnings-document.ts'

const SOURCES = new URL('../../src/', import.meta.url)

/** Files that name ids without raising them. */
const TABLES = ['catalogue.ts', 'stages.ts', 'warnings-document.ts'].map((name) => `domain/findings/${name}`)

it('docs/warnings.md is what the catalogue and its rules say (npm run docs writes it)', async () => {
  const committed = await readFile(new URL('../../docs/warnings.md', import.meta.url), 'utf8')
  expect(committed).toBe(warningsDocument())
})

it('docs/warnings.md names as raised exactly the ids that a source file raises', async () => {
  const files = (await readdir(SOURCES, { recursive: true }))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !TABLES.includes(path))
  const texts = await Promise.all(files.map((path) => readFile(new URL(path, SOURCES), 'utf8')))
  const literals = new Set(
    texts.flatMap((text) => [...text.matchAll(/'([A-Z][A-Z0-9_]+)'/g)].map(([, id]) => id)),
  )
  expect(WARNING_IDS.filter((id) => literals.has(id))).toEqual(RAISED_WARNING_IDS)
})
