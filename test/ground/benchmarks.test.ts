import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../bench', import.meta.url))
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))

/** In a process of its own: some of them are workers too, and look where they are. */
const LOADS = `
const [, folder, ...names] = process.argv
for (const name of names) {
  const { run } = await import(folder + '/' + name)
  process.stdout.write(name + ' ' + typeof run + '\\n')
}`

it('every benchmark finds what it measures, and can be run', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', LOADS, FOLDER, ...names], {
    encoding: 'utf8',
  })
  expect(said.trimEnd().split('\n')).toEqual(names.map((name) => `${name} function`))
})
