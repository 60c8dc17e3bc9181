import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { cliDocument } from '../../src/cli/document.ts'

it('docs/cli.md is what the command line says of itself (npm run docs)', async () => {
  const committed = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  expect(committed).toBe(cliDocument())
})
