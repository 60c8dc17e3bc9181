import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'

describe('wrong usage exits with 2 and says what is wrong', () => {
  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['list', '--nope'], "unknown option '--nope'"],
    [['show'], "missing required argument 'enrollment'"],
    [['probe', 'x.example.com', '--network', 'moon'], 'Allowed choices are staging, production'],
    [['enroll', 'x.example.com', '--type', 'xv'], 'Allowed choices are dv, ov, ev, third-party'],
    [['env', '--shell', 'fish'], 'Allowed choices are sh, powershell, github'],
    [['exec'], "missing required argument 'command'"],
  ])('%j', async (argv, words) => {
    const run = await runCommandLine(argv)
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain(words)
    const json = await runCommandLine([...argv, '--json'])
    expect(json).toMatchObject({ exitCode: 2, stdout: '' })
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { title: 'Wrong usage' } })
  })

  it('no command at all shows the help', async () => {
    const run = await runCommandLine([])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('Usage: certrail')
  })
})

it.each([['--help'], ['enroll', '--help'], ['exec', '--help'], ['--version']])(
  '%s %s exits with 0',
  async (...argv) => {
    const run = await runCommandLine(argv)
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).not.toBe('')
  },
)

it('every command of the contract that stands here takes --json', async () => {
  const { stdout } = await runCommandLine(['--help'])
  const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] as string)
  expect(names).toEqual(
    expect.arrayContaining([
      'start',
      'enroll',
      'list',
      'show',
      'status',
      'wait',
      'explain',
      'deployed',
      'probe',
      'env',
      'exec',
    ]),
  )
  for (const name of names) expect((await runCommandLine([name, '--help'])).stdout).toContain('--json')
})
