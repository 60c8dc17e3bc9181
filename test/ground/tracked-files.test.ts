import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Folders that every Linux has: to name them says nothing about a machine. */
const EVERYWHERE = ['/', '/tmp', '/var/tmp', '/srv', '/opt', '/root', '/home', '/usr/src', '/app']

/** Tracked or about to be; without the lockfile, whose hashes are no words, and without binary files. */
const texts = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && path !== 'package-lock.json' && existsSync(join(ROOT, path)))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
  .filter(({ text }) => !text.includes('\0'))

const linesWith = (pattern: RegExp, ofFile: (path: string) => boolean = () => true): string[] =>
  texts
    .filter(({ path }) => ofFile(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
        ),
    )

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('tracked files', () => {
  it('name no path of the machine they were written on', () => {
    const places = [ROOT, dirname(ROOT), homedir()].filter((place) => !EVERYWHERE.includes(place))
    const patterns = [...places.map((place) => `${escaped(place)}/`), '/(home|Users)/[a-z][\\w.-]*/']
    expect(linesWith(new RegExp(patterns.join('|')))).toEqual([])
  })

  it('name no registry that packages are fetched from', () => {
    expect(
      linesWith(
        /registry\.(npmjs|yarnpkg)\.(org|com)|_authToken|:_password=/,
        (path) => !path.startsWith('test/ground/'),
      ),
    ).toEqual([])
  })

  it('hold no private key but throw-away ones of test fixtures', () => {
    const header = new RegExp(`^-----BEGIN ([A-Z]+ )?${'PRIVATE'} KEY-----`)
    expect(linesWith(header, (path) => !path.startsWith('test/fixtures/'))).toEqual([])
  })

  it('leave the database clock out of SQL: lifecycle time comes from the Clock, anything else says why', () => {
    const inSql = (path: string) =>
      /^(src\/(store|jobs|app|composition)\/|migrations\/)/.test(path) &&
      /\.(ts|sql)$/.test(path) &&
      !path.endsWith('.test.ts')
    const reads = linesWith(
      /(^|[^.\w])(now\(\)|current_timestamp|localtimestamp|clock_timestamp\(\)|statement_timestamp\(\))/i,
      inSql,
    )
    // A comment line, or a queue's or a log's time, which is the database's own, or its clock itself (store/clock-guard.ts).
    expect(
      reads.filter(
        (line) => !/:\d+: (--|\/\/|\*|\/\*)/.test(line) && !/run_at|applied_at|as database_clock/.test(line),
      ),
    ).toEqual([])
  })
})
