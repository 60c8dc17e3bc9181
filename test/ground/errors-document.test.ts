import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { errorsDocument } from '../../src/errors/errors-document.ts'

it('docs/errors.md is what the catalogue says (npm run docs writes it)', async () => {
  expect(await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsDocument())
})
