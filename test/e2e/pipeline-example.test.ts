import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLE = join(PROJECT, 'examples/pipeline')
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const COMMAND = 'certrail exec --config examples/pipeline/certrail.config.json -- examples/pipeline/run.sh'

/** The provider is not to be had here: what it sends for each resource is replayed by a program of its name (test/support/terraform.mjs). */
describe.skipIf(!hasOpenssl)('examples/pipeline (skipped when the program openssl is missing)', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certrail-pipeline-'))
    await mkdir(join(folder, 'bin'))
    await cp(EXAMPLE, join(folder, 'examples/pipeline'), { recursive: true })
    await symlink(join(PROJECT, 'test/support/terraform.mjs'), join(folder, 'bin/terraform'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  // A busy machine lets the provider sleep its ten seconds now and then.
  it('goes from nothing to destroyed in both environments, by the line that its CI recipes have', {
    timeout: 300_000,
  }, async () => {
    const [, ...argv] = COMMAND.split(' ')
    const child = spawn(process.execPath, [join(PROJECT, 'scripts/certrail.mjs'), ...argv], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const [code] = await once(child, 'close')
    expect(code, output).toBe(0)
    const done = output.split('\n').flatMap((line) => /^(.+): \d+ polls slept$/.exec(line)?.[1] ?? [])
    expect(done).toEqual(
      ['test', 'live'].flatMap((environment) => [
        `zone ${environment} apply`,
        `site ${environment} apply`,
        `site ${environment} apply`,
        `site ${environment} plan`,
        `site ${environment} destroy`,
      ]),
    )
  })

  it.each(['github.yml', 'gitlab-ci.yml', 'Jenkinsfile'])('ci/%s runs that very line', async (name) => {
    expect(await readFile(join(EXAMPLE, 'ci', name), 'utf8')).toContain(`npx ${COMMAND}`)
    expect(await readdir(join(EXAMPLE, 'ci'))).toHaveLength(3)
  })
})
