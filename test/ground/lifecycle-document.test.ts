import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { lifecycleDocument } from '../../src/domain/change/lifecycle-document.ts'

it('docs/lifecycle.md is what the tables of the change machine say (npm run docs)', async () => {
  const committed = await readFile(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8')
  expect(committed).toBe(lifecycleDocument())
})
