#!/usr/bin/env node
import { prepare, runScript } from './lib/prepare.mjs'

const argv = process.argv.slice(2)

if (argv[0] === 'start') {
  const { startServer } = await import('./lib/start-server.mjs')
  await startServer(argv.slice(1))
} else {
  await runScript(async ({ stop, release }) => {
    await prepare({ stop })
    const { run } = await import('../dist/cli/main.js')
    release()
    return await run(argv)
  })
}
