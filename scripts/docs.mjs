#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, runScript } from './lib/prepare.mjs'
import { ROOT } from './lib/root.mjs'

/** Documents that the code writes; tests hold each to its source. */
const DOCUMENTS = [
  {
    path: 'docs/config.md',
    render: async () => (await import('../dist/config/config-document.js')).configDocument(),
  },
  {
    path: 'docs/errors.md',
    render: async () => (await import('../dist/errors/errors-document.js')).errorsDocument(),
  },
  {
    path: 'docs/lifecycle.md',
    render: async () => (await import('../dist/domain/change/lifecycle-document.js')).lifecycleDocument(),
  },
  {
    path: 'docs/cli.md',
    render: async () => (await import('../dist/cli/document.js')).cliDocument(),
  },
  {
    path: 'docs/tls.md',
    render: async () => (await import('../dist/domain/tls-policy/tls-document.js')).tlsDocument(),
  },
  {
    path: 'docs/comparison.md',
    render: async () =>
      (await import('../dist/domain/comparison/comparison-document.js')).comparisonDocument(),
  },
  {
    path: 'docs/policy.md',
    render: async () => (await import('../dist/domain/policy/policy-document.js')).policyDocument(),
  },
  {
    path: 'docs/warnings.md',
    render: async () => (await import('../dist/domain/findings/warnings-document.js')).warningsDocument(),
  },
]

await runScript(async ({ stop }) => {
  await prepare({ stop })
  for (const { path, render } of DOCUMENTS) {
    const text = await render()
    const isNew = readOrNull(join(ROOT, path)) !== text
    if (isNew) writeFileSync(join(ROOT, path), text)
    process.stdout.write(`${path}: ${isNew ? 'written' : 'unchanged'}\n`)
  }
})

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}
