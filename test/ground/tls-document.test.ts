import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { tlsDocument } from '../../src/domain/tls-policy/tls-document.ts'

it('docs/tls.md is what the tables say (`npm run docs` writes it)', async () => {
  expect(await readFile(new URL('../../docs/tls.md', import.meta.url), 'utf8')).toBe(tlsDocument())
})
