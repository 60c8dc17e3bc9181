import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { policyDocument } from '../../src/domain/policy/policy-document.ts'

it('docs/policy.md is what the table says (npm run docs writes it)', async () => {
  const committed = await readFile(new URL('../../docs/policy.md', import.meta.url), 'utf8')
  expect(committed).toBe(policyDocument())
})
