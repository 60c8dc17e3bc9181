#!/usr/bin/env node
import { startServer } from './lib/start-server.mjs'

await startServer(process.argv.slice(2))
