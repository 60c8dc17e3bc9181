import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/observe/metrics.ts'

const rules = readFileSync('docs/alerts.yml', 'utf8')
const metricsPage = readFileSync('docs/metrics.md', 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly text: string
}

const RULES: readonly Rule[] = rules
  .split(/^ {6}- (?=alert: )/m)
  .slice(1)
  .map((text) => ({
    alert: /^alert: (\w+)$/m.exec(text)?.[1] ?? '',
    expr: /^ +expr: (.+)$/m.exec(text)?.[1] ?? '',
    text,
  }))

const documented = [...metricsPage.matchAll(/^\| `(certrail_\w+)(?:\{([\w,]+)\})?`/gm)].map(
  ([, name = '', labels = '']) => ({ name, labels: labels.split(',').filter((label) => label !== '') }),
)

const EMPTY = {
  served: [],
  neverLooked: 0,
  oldestLookSeconds: 0,
  oldestDueSeconds: 0,
  renewalOverdueSeconds: { free: 0, held: 0 },
  deliveries: [],
  lostNames: [],
  authorities: [],
  clockChecks: [],
  clockOffsetSeconds: 0,
}

it('docs/metrics.md names exactly the metrics that there are', async () => {
  const text = await createMetrics({
    changes: async () => [],
    watch: async () => EMPTY,
    held: async () => [],
  }).render()
  const registered = [...text.matchAll(/^# TYPE (certrail_\w+) /gm)].map((match) => match[1])
  expect(documented.map(({ name }) => name).toSorted()).toEqual(registered.toSorted())
})

it('there are rules, each of another name', () => {
  expect(RULES.length).toBeGreaterThan(5)
  expect(new Set(RULES.map(({ alert }) => alert)).size).toBe(RULES.length)
})

describe.each(RULES)('the rule $alert', ({ expr, text }) => {
  it('asks for metrics and labels that docs/metrics.md has', () => {
    const asked = [...expr.matchAll(/\b(certrail_\w+)(?:\{([^}]*)\})?/g)]
    for (const [, name = '', matchers = ''] of asked) {
      const known = documented.find((metric) => metric.name === name)
      expect(known, name).toBeDefined()
      for (const [, label = ''] of matchers.matchAll(/(\w+) *(?:=|!=|=~|!~)/g))
        expect(known?.labels).toContain(label)
    }
    expect(asked.length > 0 || expr.includes('up{')).toBe(true)
    expect(expr.split('(').length).toBe(expr.split(')').length)
  })

  it('speaks of labels that are left after its aggregation', () => {
    const kept = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(/, */))
    for (const [, label] of text.matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label)
  })

  it('waits a while, has a severity, a summary and a page that says what to do', () => {
    expect(text).toMatch(/^ +for: \d+[mh]$/m)
    expect(text).toMatch(/severity: (warning|critical) /)
    expect(text).toMatch(/^ +summary: \S/m)
    const page = /^ +runbook: (docs\/runbooks\/[\w-]+\.md)$/m.exec(text)?.[1] ?? 'none'
    expect(existsSync(page), page).toBe(true)
    const words = readFileSync(page, 'utf8')
    for (const part of ['**Means.**', '**Look.**', '**Do.**', '**If nobody acts.**'])
      expect(words).toContain(part)
  })
})

it('every page belongs to a rule', () => {
  for (const page of readdirSync('docs/runbooks')) expect(rules).toContain(`docs/runbooks/${page}`)
})
