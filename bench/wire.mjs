import { readFile } from 'node:fs/promises'
import { median, row } from './lib/figures.mjs'

/**
 * Every version of every resource: a view to the octets of its answer, against JSON.stringify of the same answer; the octets of a body to what
 * use cases take, against JSON.parse of the same octets. Microseconds.
 */
const REPETITIONS = 15
const LEAST_MS = 2
const FIXTURES = new URL('../test/fixtures/cps/', import.meta.url)
const WIRE = { spelling: 'coodinate', challengeRedirectBase: 'http://127.0.0.1:8080' }

const fixture = async (name) => JSON.parse(await readFile(new URL(`${name}.json`, FIXTURES), 'utf8'))

/** Runs both in turns, so that what else the machine does meets both alike. */
function compare(work, baseline) {
  const runs = Math.max(1, Math.ceil(LEAST_MS / Math.max(timed(baseline, 200) / 1000, 0.0001)))
  timed(work, 200)
  const pairs = Array.from({ length: REPETITIONS }, () => [timed(work, runs), timed(baseline, runs)])
  return [median(pairs.map(([one]) => one)), median(pairs.map(([, other]) => other))]
}

/** Microseconds of one run. */
function timed(act, runs) {
  const begun = performance.now()
  for (let run = 0; run < runs; run += 1) act()
  return ((performance.now() - begun) * 1000) / runs
}

export async function run() {
  const { REGISTRY } = await import('../dist/wire/registry.js')
  const views = await fixture('views')
  const stored = { stored: views.enrollment.settings, serviceNames: ['localhost'] }
  const rows = []
  for (const version of REGISTRY) {
    const name = `${version.resource}.v${version.version}`
    const body = await fixture(name)
    if (version.encode !== undefined) {
      const view = views[version.resource]
      const figures = compare(
        () => JSON.stringify(version.encode(view, WIRE)),
        () => JSON.stringify(body),
      )
      rows.push(row(`encode ${name}`, 'µs', ...figures, 'JSON.stringify'))
    }
    if (version.decode !== undefined) {
      const text = JSON.stringify(body)
      const context = version.resource === 'enrollment' ? stored : null
      const figures = compare(
        () => version.decode(JSON.parse(text), context),
        () => JSON.parse(text),
      )
      rows.push(row(`decode ${name}`, 'µs', ...figures, 'JSON.parse'))
    }
  }
  return rows
}
