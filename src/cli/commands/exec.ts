import { resolve } from 'node:path'
import { type AddCommand, withJson } from '../context.ts'
import { startScript } from '../package-paths.ts'
import { runInSandbox } from '../run-in-sandbox.ts'

interface ExecOptions {
  readonly verbose?: boolean
  readonly config?: string
}

export const addExec: AddCommand = (program, { surroundings, finish }) => {
  withJson(program.command('exec'))
    .description('start a sandbox of its own, run a command against it, stop it')
    .argument('<command...>', 'the command and its arguments, best after --')
    .option('--verbose', 'say what is going on, and where')
    .option('--config <file>', 'a certrail.config.json for the sandbox: seeds, settings')
    .passThroughOptions()
    .addHelpText('after', EXPLANATION)
    .action(async (command: string[], options: ExecOptions) => {
      const script = startScript()
      const config =
        options.config === undefined ? null : resolve(surroundings.workingDirectory, options.config)
      finish(await runInSandbox(surroundings, { command, script, config, verbose: options.verbose === true }))
    })
}

const EXPLANATION = `
The sandbox gets free ports and a temporary home; CERTRAIL_ settings of the caller count, DATABASE_URL does
not. The command gets the variables of "certrail env" and finds this certrail first on its PATH; variables
with credentials of another service (AKAMAI_HOST, AKAMAI_CLIENT_SECRET ...) are kept from it.
Its exit code is passed on (127: no such command, 128 + n: ended by signal n). When it is not 0, or the
sandbox does not start (then 1), logs and histories are left in ./certrail-exec-<time>.
`
