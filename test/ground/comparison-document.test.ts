import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { comparisonDocument } from '../../src/domain/comparison/comparison-document.ts'

it('docs/comparison.md is what the tables say (`npm run docs` writes it)', async () => {
  expect(await readFile(new URL('../../docs/comparison.md', import.meta.url), 'utf8')).toBe(
    comparisonDocument(),
  )
})
