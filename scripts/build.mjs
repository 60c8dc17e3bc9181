#!/usr/bin/env node
import { prepare, runScript } from './lib/prepare.mjs'

await runScript(prepare)
