import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeploymentSchedule } from '../../src/app/views.ts'
import { instant, SECOND } from '../../src/domain/time.ts'
import { certificateUploadVersions } from '../../src/wire/certificate-upload.ts'
import { deploymentScheduleVersions } from '../../src/wire/deployment-schedule.ts'
import { ANY_VIEW, anyTime } from '../support/arbitrary-views.ts'
import { ENCODINGS, nameOf } from '../support/wire-samples.ts'

const wire = { spelling: 'coodinate', challengeRedirectBase: 'http://127.0.0.1:8080' } as const
/** Some seventy versions each draw so many; a long run draws more. */
const RUNS = process.env['CERTRAIL_TEST_LONG'] === '1' ? { numRuns: 300 } : { numRuns: 12 }
const CASES = ENCODINGS.map((row) => [nameOf(row), row] as const)
const viewOf = (resource: string): fc.Arbitrary<unknown> => ANY_VIEW[resource] ?? fc.constant(null)

type Scalar = string | number | boolean | null

/** Each scalar of a JSON document by its pointer. */
function scalarsOf(value: unknown, pointer = ''): readonly (readonly [string, Scalar])[] {
  if (typeof value !== 'object' || value === null) return [[pointer, value as Scalar]]
  return Object.entries(value).flatMap(([name, member]) => scalarsOf(member, `${pointer}/${name}`))
}

/** Strings that may not be null before version 11 are empty there (docs/divergences.md). */
const said = (value: Scalar | undefined): Scalar => (value === '' || value === undefined ? null : value)

describe('every version of every resource', () => {
  it('has a view to be drawn', () => {
    expect(Object.keys(ANY_VIEW).toSorted()).toEqual(
      [...new Set(ENCODINGS.map(({ resource }) => resource))].toSorted(),
    )
  })

  it.each(CASES)(
    '%s has the members of its answer schema and no others, whatever there is to show',
    (_, row) => {
      fc.assert(
        fc.property(viewOf(row.resource), (view) => {
          const shown: unknown = JSON.parse(JSON.stringify(row.encode(view, wire)))
          expect(row.answer.safeParse(shown).error).toBeUndefined()
        }),
        RUNS,
      )
    },
  )

  it.each(CASES.filter(([, { version }]) => version > 1))(
    '%s and the version before it agree in all that both can say',
    (_, newer) => {
      const older = ENCODINGS.find(
        ({ resource, version }) => resource === newer.resource && version === newer.version - 1,
      )
      if (older === undefined) {
        expect(nameOf(newer)).toBe('active-certificates.v2')
        return
      }
      fc.assert(
        fc.property(viewOf(newer.resource), (view) => {
          const [one, other] = [newer, older].map((row) => new Map(scalarsOf(row.encode(view, wire))))
          const both = [...(one?.keys() ?? [])].filter((pointer) => other?.has(pointer) === true)
          const differing = both.filter((pointer) => said(one?.get(pointer)) !== said(other?.get(pointer)))
          expect(differing).toEqual([])
        }),
        RUNS,
      )
    },
  )
})

describe('what is sent and shown in the same words', () => {
  it('a deployment schedule that is fetched and put back is the same, to the second', () => {
    const [row] = deploymentScheduleVersions
    const whole = anyTime.map((at) => instant(at - (at % SECOND)))
    const schedule = fc
      .record({ notBefore: fc.option(whole), notAfter: fc.option(whole) })
      .filter(({ notBefore, notAfter }) => notBefore === null || notAfter === null || notBefore < notAfter)
    fc.assert(
      fc.property(schedule, (stored: DeploymentSchedule) => {
        expect(row?.decode(row.encode(stored, wire), null)).toEqual(stored)
      }),
    )
  })

  it('an upload of version 1 is the RSA upload of version 2, and its texts stay to the letter', () => {
    const [v2, v1] = certificateUploadVersions
    const pem = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !text.includes('\0'))
    fc.assert(
      fc.property(pem, fc.option(pem), (certificate, trustChain) => {
        const entry = { keyAlgorithm: 'RSA', certificate, trustChain }
        const old = v1?.decode({ certificate, trustChain }, null)
        expect(old?.uploads).toEqual([entry])
        expect(v2?.decode({ certificatesAndTrustChains: [entry] }, null).uploads).toEqual(old?.uploads)
      }),
    )
  })
})
