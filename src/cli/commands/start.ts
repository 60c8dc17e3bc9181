import { type AddCommand, withJson } from '../context.ts'
import { forwardSignal, runCommand, watchSignals } from '../child-process.ts'
import { startScript } from '../package-paths.ts'

/** The package's own `certrail` goes to the start script before it comes here, so that there is one process. This is for other callers. */
export const addStart: AddCommand = (program, { surroundings, finish }) => {
  withJson(program.command('start'))
    .description('start Certrail in the foreground, in sandbox mode unless told otherwise')
    .argument('[settings...]', 'flags of the settings, as docs/config.md lists them')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (settings: string[]) => {
      const running = runCommand([process.execPath, startScript(), ...settings], {
        cwd: surroundings.workingDirectory,
        env: { ...surroundings.environment },
      })
      const signals = watchSignals((signal) => forwardSignal(running.child, signal))
      try {
        finish(await running.exitCode)
      } finally {
        signals.close()
      }
    })
}
