import { Option } from 'commander'
import { type AddCommand, withHome, withJson } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { homeOf, requireReady } from '../home.ts'
import { createPrinter } from '../output.ts'
import {
  SHELLS,
  type Shell,
  credentialVariables,
  environmentText,
  toolEnvironment,
} from '../tool-environment.ts'

interface EnvOptions {
  readonly home?: string
  readonly json?: boolean
  readonly shell: Shell
}

export const addEnv: AddCommand = (program, { surroundings, finish }) => {
  withJson(withHome(program.command('env')))
    .description('print the variables that make other tools talk to the running sandbox')
    .addOption(new Option('--shell <shell>', 'whose words').choices([...SHELLS]).default('sh'))
    .addHelpText('after', EXAMPLES)
    .action((options: EnvOptions) => {
      const home = homeOf(surroundings, options.home)
      requireReady(home)
      const variables = toolEnvironment(home)
      const printer = createPrinter(surroundings, options.json === true)
      printer.data(variables)
      printer.text(environmentText(options.shell, variables))
      const winning = credentialVariables(surroundings.environment)
      if (winning.length > 0)
        printer.remark(`certrail: ${winning.join(', ')} stand above an edgerc in some tools; unset them.\n`)
      finish(EXIT.done)
    })
}

const EXAMPLES = `
  sh          eval "$(certrail env)"
  powershell  certrail env --shell powershell | Out-String | Invoke-Expression
  github      certrail env --shell github >> "$GITHUB_ENV"
`
