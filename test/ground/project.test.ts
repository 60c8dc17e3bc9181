import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const tracked = () =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '')

describe('the project itself', () => {
  it('pins every dependency exactly', async () => {
    const manifest = JSON.parse(await read('package.json')) as Record<string, Record<string, string>>
    const versions = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    )
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it('has no download addresses in its lockfile', async () => {
    expect(await read('package-lock.json')).not.toMatch(/"resolved":|https?:\/\/[^"]*\.tgz/)
  })

  it('has a line in docs/dependencies.md for each runtime dependency, and for nothing else', async () => {
    const { dependencies } = JSON.parse(await read('package.json')) as {
      dependencies: Record<string, string>
    }
    const lines = [...(await read('docs/dependencies.md')).matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    )
    expect(lines).toEqual(Object.keys(dependencies).toSorted())
  })

  it('leaves no test out by hand', async () => {
    const tests = tracked().filter(
      (path) => path.endsWith('.test.ts') && path !== 'test/ground/project.test.ts',
    )
    const texts = await Promise.all(tests.map(async (path) => [path, await read(path)] as const))
    expect(
      texts.filter(([, text]) => /\b(it|test|describe)\.(only|todo)\b/.test(text)).map(([path]) => path),
    ).toEqual([])
  })

  it('links only to pages that exist', async () => {
    const files = new Set(tracked())
    const pages = [...files].filter((path) => path.endsWith('.md'))
    const broken: string[] = []
    for (const page of pages) {
      for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
        const path = new URL(target, `file:///${page}`).pathname.slice(1)
        const exists = path.endsWith('/') ? [...files].some((file) => file.startsWith(path)) : files.has(path)
        if (!exists) broken.push(`${page}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})
