import { describe, expect, it } from 'vitest'
import { Problem } from '../errors/problem.ts'
import { chooseRequest, chooseResponse } from './negotiate.ts'
import { mediaTypeOf } from './row.ts'

const rows = [12, 11, 4].map((version) => ({
  resource: 'enrollment',
  version,
  mediaType: mediaTypeOf('enrollment', version),
}))
const v = (version: number): string => mediaTypeOf('enrollment', version)

describe('chooseResponse', () => {
  it.each([
    [null, 12],
    ['', 12],
    ['*/*', 12],
    ['application/*', 12],
    ['application/json', 12],
    [v(11), 11],
    [`${v(11)}; charset=utf-8`, 11],
    [v(4).toUpperCase(), 4],
    [`${v(99)}, ${v(4)}`, 4],
    [`${v(4)}, */*`, 4],
    [`${v(4)}, application/json`, 4],
    [`${v(4)};q=0.2, ${v(11)};q=0.9, */*;q=0.1`, 11],
    [`*/*, ${v(12)};q=0`, 11],
    [`text/html, application/xml;q=0.9, */*;q=0.8`, 12],
  ])('answers Accept %j in version %i', (accept, version) => {
    expect(chooseResponse(accept, rows).version).toBe(version)
  })

  it.each([v(99), 'text/html', `${v(11)};q=0`, 'application/vnd.akamai.cps.change.v1+json', ';;;'])(
    'refuses %j and lists what would fit',
    (accept) => {
      const refusal = refusalOf(() => chooseResponse(accept, rows))
      expect(refusal.code).toBe('not-acceptable')
      expect(refusal.members).toEqual({ acceptable: [v(12), v(11), v(4)] })
    },
  )
})

describe('chooseRequest', () => {
  it.each([
    [null, 12],
    ['application/json', 12],
    ['application/json; charset=utf-8', 12],
    [v(4), 4],
    [`${v(11)};charset=utf-8`, 11],
  ])('reads Content-Type %j as version %i', (contentType, version) => {
    expect(chooseRequest(contentType, rows).version).toBe(version)
  })

  it.each([v(99), 'text/plain', '*/*'])('refuses %j and lists what would fit', (contentType) => {
    const refusal = refusalOf(() => chooseRequest(contentType, rows))
    expect(refusal.code).toBe('unsupported-media-type')
    expect(refusal.members).toEqual({ supported: [v(12), v(11), v(4)] })
  })
})

function refusalOf(act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('not refused')
}
