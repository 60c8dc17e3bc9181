import { describe, expect, it } from 'vitest'
import { differsFromExpected, lastLine, summarize } from '../../scripts/lib/test-report.mjs'

const file = (name: string, tests: Record<string, string>, status = 'passed') => ({
  name: `/clone/${name}`,
  status,
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
})
const judge = (testResults: ReturnType<typeof file>[], exitCode: number | null = 0) =>
  summarize({ testResults }, { root: '/clone', exitCode })

describe('the last line of a test run', () => {
  it('counts passed, failed and skipped tests of all files', () => {
    const outcome = judge(
      [
        file('src/b.test.ts', {
          'b works': 'passed',
          'b needs pebble (missing)': 'skipped',
          'b later': 'todo',
        }),
        file('src/a.test.ts', { 'a works': 'passed', 'a fails': 'failed', 'a waits': 'pending' }, 'failed'),
      ],
      1,
    )
    expect(lastLine(outcome)).toBe('2 passed, 1 failed, 3 skipped')
    expect(outcome.skipped).toEqual([
      'src/a.test.ts: a waits',
      'src/b.test.ts: b later',
      'src/b.test.ts: b needs pebble (missing)',
    ])
  })

  it('counts a file that cannot be loaded as a failure', () => {
    expect(lastLine(judge([file('src/a.test.ts', {}, 'failed')], 1))).toBe('0 passed, 1 failed, 0 skipped')
  })

  it('counts a run that failed outside of any test, by a signal too, as a failure', () => {
    const passing = [file('src/a.test.ts', { 'a works': 'passed' })]
    expect(lastLine(judge(passing, 1))).toBe('1 passed, 1 failed, 0 skipped')
    expect(lastLine(judge(passing, null))).toBe('1 passed, 1 failed, 0 skipped')
    expect(lastLine(judge(passing, 0))).toBe('1 passed, 0 failed, 0 skipped')
  })

  it('never takes a run without a report for a good one', () => {
    expect(lastLine(summarize(null, { root: '/clone', exitCode: 0 }))).toBe('0 passed, 1 failed, 0 skipped')
  })
})

describe('test/expected-skips.txt', () => {
  it('has to name the skipped tests, no more and no fewer', () => {
    const expected = '# a comment\n\nsrc/a.test.ts: a waits\n  src/b.test.ts: b waits  \n'
    expect(differsFromExpected(['src/d.test.ts: d waits'], 'may src/d.test.ts')).toEqual([])
    expect(differsFromExpected([], 'may src/d.test.ts')).toEqual([])
    expect(differsFromExpected(['src/a.test.ts: a waits', 'src/b.test.ts: b waits'], expected)).toEqual([])
    expect(differsFromExpected(['src/a.test.ts: a waits', 'src/c.test.ts: new'], expected)).toEqual([
      'skipped, but not expected to be: src/c.test.ts: new',
      'expected to be skipped, but was not: src/b.test.ts: b waits',
    ])
  })
})
