import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const CHECKLISTS = 'test/conformance/clients/'
const fileAt = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

/** `D2.1-4` → the checklist that has a test of that id, one entry for each test. */
async function testedIds(): Promise<readonly (readonly [id: string, file: string])[]> {
  const names = await readdir(new URL(`../../${CHECKLISTS}`, import.meta.url))
  const found = await Promise.all(
    names.map(async (name) =>
      [...(await fileAt(CHECKLISTS + name)).matchAll(/\bit\('([A-Z][\d.]*-\d+) /g)].map(
        ([, id]) => [id ?? '', CHECKLISTS + name] as const,
      ),
    ),
  )
  return found.flat()
}

const linkedIds = (document: string) =>
  [...document.matchAll(/^\[([A-Z][\d.]*-\d+)\]: \.\.\/(.+)$/gm)].map(
    ([, id = '', file = '']) => [id, file] as const,
  )

it('docs/compatibility.md links every item of the checklists to the file that proves it, and nothing else', async () => {
  const linked = linkedIds(await fileAt('docs/compatibility.md'))
  expect(linked.toSorted()).toEqual((await testedIds()).toSorted())
})

it('docs/compatibility.md says to which command each item belongs', async () => {
  const document = await fileAt('docs/compatibility.md')
  for (const [id] of linkedIds(document)) expect(document.split(`[${id}]`).length - 1, id).toBeGreaterThan(1)
})

it('no two items have one id', async () => {
  const ids = (await testedIds()).map(([id]) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})
