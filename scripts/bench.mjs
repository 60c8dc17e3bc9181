#!/usr/bin/env node
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, runScript } from './lib/prepare.mjs'
import { ROOT } from './lib/root.mjs'

const FOLDER = join(ROOT, 'bench')
const COLUMNS = ['benchmark', 'measured', 'baseline', 'ratio', 'baseline is']

/**
 * Each file of bench/ exports `async run({ stop })`, which resolves with rows `{name, unit, value, baseline, baselineName}`: what was
 * measured and the named other way it is compared with, in the same unit.
 */
await runScript(async ({ stop }) => {
  const benches = chosen(process.argv.slice(2))
  await prepare({ stop })
  const rows = []
  for (const name of benches) {
    process.stderr.write(`bench: ${name}\n`)
    const { run } = await import(pathToFileURL(join(FOLDER, `${name}.mjs`)).href)
    for (const row of await run({ stop })) rows.push(line(row))
  }
  process.stdout.write(table([COLUMNS, ...rows]))
})

function chosen(wanted) {
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => name.slice(0, -'.mjs'.length))
    .sort()
  const unknown = wanted.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}`)
  return wanted.length > 0 ? wanted : all
}

function line({ name, unit, value, baseline, baselineName }) {
  return [
    name,
    `${short(value)} ${unit}`,
    `${short(baseline)} ${unit}`,
    `${(value / baseline).toFixed(2)}x`,
    baselineName,
  ]
}

function short(number) {
  return Math.abs(number) >= 100 ? number.toFixed(0) : number.toPrecision(3)
}

function table(rows) {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return `${rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`
}
