import type { Command } from 'commander'
import { type Printer, createPrinter } from './output.ts'
import { type ConnectionOptions, type Session, withSession } from './session.ts'
import type { Surroundings } from './surroundings.ts'

export interface CommandContext {
  readonly surroundings: Surroundings
  /** Called once by a command that ran. */
  readonly finish: (exitCode: number) => void
}

export type AddCommand = (program: Command, context: CommandContext) => void

export interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean
}

export interface Running {
  readonly session: Session
  readonly printer: Printer
  readonly surroundings: Surroundings
}

export const withJson = (command: Command): Command =>
  command.option('--json', 'print JSON on stdout, and errors as JSON on stderr')

export const withHome = (command: Command): Command =>
  command.option('--home <dir>', 'home of Certrail (default: CERTRAIL_HOME, else .certrail here)')

type SectionOption = readonly [flags: string, description: string]

const SECTION: SectionOption = ['--section <name>', 'section of the edgerc (default: default)']

/** Options of every command that talks to an API. */
export const withConnection = (command: Command, section: SectionOption = SECTION): Command =>
  withJson(withHome(command))
    .option('--edgerc <file>', 'credentials (default: the edgerc of the home)')
    .option(...section)
    .option('--account-key <key>', 'act on another account (accountSwitchKey)')
    .option('--cacert <file>', 'PEM file of the roots to trust, instead of those of the home')

/** Runs the work of a command with its connection; the work gives the exit code. */
export async function connected(
  context: CommandContext,
  options: CommonOptions,
  work: (running: Running) => Promise<number>,
): Promise<void> {
  const { surroundings } = context
  const printer = createPrinter(surroundings, options.json === true)
  context.finish(
    await withSession(surroundings, options, (session) => work({ session, printer, surroundings })),
  )
}
