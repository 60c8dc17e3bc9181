import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acknowledgementVersions } from '../../src/wire/acknowledgement.ts'
import { certificateUploadVersions } from '../../src/wire/certificate-upload.ts'
import { deploymentScheduleVersions } from '../../src/wire/deployment-schedule.ts'
import { enrollmentVersions } from '../../src/wire/enrollment/versions.ts'
import { REGISTRY } from '../../src/wire/registry.ts'
import { CHANGE, SETTINGS } from '../support/sample-views.ts'
import { ENCODINGS, nameOf, SAMPLE_BODIES, SAMPLE_VIEWS } from '../support/wire-samples.ts'

/**
 * One fixture for each version of each resource. They are read, not made, by the test: what changes here changes for every client. After a change
 * that is meant, UPDATE_FIXTURES=1 writes them anew, and the difference is looked at.
 */
const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'cps')
const wire = { spelling: 'coodinate', challengeRedirectBase: 'http://127.0.0.1:8080' } as const
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function write(name: string, value: unknown): void {
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`)
}

if (process.env['UPDATE_FIXTURES'] === '1') {
  write('views', SAMPLE_VIEWS)
  for (const row of ENCODINGS) write(nameOf(row), row.encode(SAMPLE_VIEWS[row.resource], wire))
  for (const [name, body] of Object.entries(SAMPLE_BODIES)) write(name, body)
}

const fixture = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))

describe('the fixtures', () => {
  it('are one for each version of each resource, and none besides', () => {
    const names = new Set(REGISTRY.map(nameOf))
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''))
    expect(files.filter((file) => file !== 'views').sort()).toEqual([...names].sort())
  })

  it('are made from the views that stand beside them', () => {
    expect(fixture('views')).toEqual(plain(SAMPLE_VIEWS))
  })
})

describe.each(ENCODINGS.map((row) => [nameOf(row), row] as const))('%s', (name, row) => {
  it('is written as its fixture', () => {
    expect(plain(row.encode(SAMPLE_VIEWS[row.resource], wire))).toEqual(fixture(name))
  })

  it('is what its answer schema describes, which forbids every other member', () => {
    expect(row.answer.safeParse(fixture(name)).error).toBeUndefined()
    expect(row.answer.safeParse({ ...(fixture(name) as object), surprise: 1 }).success).toBe(false)
  })
})

describe('bodies', () => {
  it.each(enrollmentVersions.map((row) => [nameOf(row), row] as const))(
    '%s, put back, is what was stored',
    (name, row) => {
      expect(row.decode(fixture(name), { stored: SETTINGS, serviceNames: [] })).toEqual(SETTINGS)
    },
  )

  it.each(acknowledgementVersions.map((row) => [nameOf(row), row] as const))('%s is read', (name, row) => {
    expect(row.decode(fixture(name), null)).toMatchObject({ word: 'acknowledge' })
  })

  it.each(certificateUploadVersions.map((row) => [nameOf(row), row] as const))('%s is read', (name, row) => {
    expect(row.decode(fixture(name), null).uploads).toContainEqual({
      keyAlgorithm: 'RSA',
      certificate: '-----BEGIN CERTIFICATE-----\nUlNB\n-----END CERTIFICATE-----\n',
      trustChain: null,
    })
  })

  it('deployment-schedule.v1 is read', () => {
    expect(deploymentScheduleVersions[0]?.decode(fixture('deployment-schedule.v1'), null)).toEqual(
      CHANGE.schedule,
    )
  })
})
