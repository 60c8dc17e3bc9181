import type { Command } from 'commander'
import { instant } from '../domain/time.ts'
import { createProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'

/** The text of docs/cli.md: every command with its own help. */
export function cliDocument(): string {
  const program = createProgram({ surroundings: NOWHERE, finish: () => undefined }, NOWHERE.stderr)
  return [
    INTRODUCTION,
    section(program, '## certrail'),
    ...program.commands.map((command) => section(command)),
  ].join('\n')
}

const INTRODUCTION = `# The command line client

Written by \`npm run docs\` from the command line itself; a test holds it to its source.

\`certrail\` talks to the Certrail of a home: \`--home\`, else \`CERTRAIL_HOME\`, else \`.certrail\` in the working
directory. From there it takes the edgerc (section \`default\`), the roots it trusts, and the addresses of the
networks. \`--edgerc\`, \`--section\`, \`--account-key\` and \`--cacert\` choose others, as in other EdgeGrid tools. The
variables \`EDGERC\` and \`AKAMAI_EDGERC\` are not read: on many machines they name an account of the real service.

With \`--json\` stdout carries one JSON document and nothing else; an error is one line on stderr,
\`{"error":{"title":…,"detail":…,"status":…,"errors":[…]}}\`. Times for people are UTC. Validity and what is left of it
are judged by the lifecycle clock of the server, which the sandbox can turn.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused or failed |
| 2 | wrong usage |
| 3 | not there yet: timed out, or waits for a person |

\`check\` alone has those of monitoring plugins instead.
`

function section(command: Command, title = `## certrail ${command.name()}`): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => void (help += text) })
  command.outputHelp()
  return `${title}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`
}

/** Help needs no surroundings. */
const NOWHERE: Surroundings = {
  environment: {},
  workingDirectory: '/',
  stdout: { write: () => true },
  stderr: { write: () => true },
  clock: { now: () => instant(0) },
  random: { bytes: (length) => new Uint8Array(length), uuid: () => '', below: () => 0 },
}
