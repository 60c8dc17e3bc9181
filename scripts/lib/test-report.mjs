/**
 * What a run of vitest came to, from its JSON report. `failed` also counts files that could not be loaded; `skipped` holds
 * `path: full name` of each test that did not run. A run without a report, or one that failed outside of any test, has failed once.
 */
export function summarize(report, { root, exitCode }) {
  if (report === null) return { passed: 0, failed: 1, skipped: [] }
  const files = report.testResults.map((file) => ({
    path: relative(file.name, root),
    failed: file.status === 'failed',
    tests: file.assertionResults,
  }))
  const tests = files.flatMap(({ path, tests }) => tests.map((test) => ({ ...test, path })))
  const count = (status) => tests.filter((test) => test.status === status).length
  const broken = files.filter(
    (file) => file.failed && !file.tests.some((test) => test.status === 'failed'),
  ).length
  const failed = count('failed') + broken
  return {
    passed: count('passed'),
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: tests
      .filter((test) => test.status !== 'passed' && test.status !== 'failed')
      .map((test) => `${test.path}: ${test.fullName}`)
      .sort(),
  }
}

const relative = (name, root) => name.slice(name.startsWith(root) ? root.length + 1 : 0).replaceAll('\\', '/')

/**
 * Lines on how the skipped tests differ from those expected; empty when they do not. `#` begins a comment line; `may PATH` stands for any test of a file
 * whose need is not a program but a place: it may be skipped, and need not be.
 */
export function differsFromExpected(skipped, expectedText) {
  const lines = expectedText
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const optional = lines
    .filter((line) => line.startsWith('may '))
    .map((line) => `${line.slice('may '.length)}: `)
  const expected = lines.filter((line) => !line.startsWith('may '))
  const isOptional = (name) => optional.some((prefix) => name.startsWith(prefix))
  return [
    ...skipped
      .filter((name) => !expected.includes(name) && !isOptional(name))
      .map((name) => `skipped, but not expected to be: ${name}`),
    ...expected
      .filter((name) => !skipped.includes(name))
      .map((name) => `expected to be skipped, but was not: ${name}`),
  ]
}

/** The last line of a run. */
export const lastLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`
