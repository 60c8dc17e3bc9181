import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync(new URL('../../docs/acme.md', import.meta.url), 'utf8')
const named = [...new Set([...page.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path = '']) => path))]
const FOLDERS = ['', 'src/authority/acme/', 'src/']

describe('docs/acme.md', () => {
  it('names only files that are there', () => {
    expect(named.length).toBeGreaterThan(30)
    const isThere = (path: string): boolean =>
      FOLDERS.some((folder) => existsSync(new URL(`../../${folder}${path}`, import.meta.url)))
    expect(named.filter((path) => !isThere(path))).toEqual([])
  })
})
