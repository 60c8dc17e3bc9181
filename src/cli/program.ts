import { Command } from 'commander'
import { addAcknowledge } from './commands/acknowledge.ts'
import { addAudit } from './commands/audit.ts'
import { addCancel } from './commands/cancel.ts'
import { addCheck } from './commands/check.ts'
import { addClients } from './commands/clients.ts'
import { addClock } from './commands/clock.ts'
import { addCsr } from './commands/csr.ts'
import { addDeployed } from './commands/deployed.ts'
import { addEnroll } from './commands/enroll.ts'
import { addEnv } from './commands/env.ts'
import { addExec } from './commands/exec.ts'
import { addExplain } from './commands/explain.ts'
import { addHistory } from './commands/history.ts'
import { addList } from './commands/list.ts'
import { addAuthorities } from './commands/authorities.ts'
import { addOrganizations } from './commands/organizations.ts'
import { addMaintenance } from './commands/maintenance.ts'
import { addEdges } from './commands/edges.ts'
import { addPause, addPauses, addResume } from './commands/pause.ts'
import { addGenerations, addPin, addRollback, addUnpin } from './commands/rollback.ts'
import { addPlan } from './commands/plan.ts'
import { addProbe } from './commands/probe.ts'
import { addReportedKeys } from './commands/reported-keys.ts'
import { addRevoke } from './commands/revoke.ts'
import { addRemove } from './commands/remove.ts'
import { addRenew } from './commands/renew.ts'
import { addShow } from './commands/show.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addTrustSets } from './commands/trust-sets.ts'
import { addUpdate } from './commands/update.ts'
import { addUpload } from './commands/upload.ts'
import { addVetting } from './commands/vetting.ts'
import { addWait } from './commands/wait.ts'
import type { AddCommand, CommandContext } from './context.ts'
import { packageVersion } from './package-paths.ts'
import type { Output } from './surroundings.ts'

/** In the order of help and docs/cli.md. */
const COMMANDS: readonly AddCommand[] = [
  addStart,
  addEnroll,
  addList,
  addShow,
  addStatus,
  addWait,
  addAcknowledge,
  addCsr,
  addUpload,
  addRenew,
  addUpdate,
  addCancel,
  addRemove,
  addExplain,
  addPlan,
  addMaintenance,
  addPause,
  addResume,
  addPauses,
  addRollback,
  addPin,
  addUnpin,
  addGenerations,
  addDeployed,
  addProbe,
  addCheck,
  addHistory,
  addClock,
  addVetting,
  addOrganizations,
  addTrustSets,
  addEdges,
  addAuthorities,
  addRevoke,
  addReportedKeys,
  addClients,
  addAudit,
  addEnv,
  addExec,
]

/** The command line as commander knows it. It never ends the process; help goes to stdout, errors of usage to `errors`. */
export function createProgram(context: CommandContext, errors: Output): Command {
  const { stdout } = context.surroundings
  const program = new Command('certrail')
    .description('Certificates from enrollment to every TLS edge.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => errors.write(text),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', EXIT_CODES)
  for (const add of COMMANDS) add(program, context)
  return program
}

/** Fixed, so that docs/cli.md does not depend on a terminal. */
const HELP_WIDTH = 100

const EXIT_CODES = `
Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 not there yet: timed out, or waits for a person.
`
