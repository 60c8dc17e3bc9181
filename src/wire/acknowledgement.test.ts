import { describe, expect, it } from 'vitest'
import { Problem } from '../errors/problem.ts'
import { acknowledgementVersions } from './acknowledgement.ts'

describe.each(acknowledgementVersions)('an acknowledgement as $mediaType', ({ decode }) => {
  it('is one of two words, and may carry the hash that was shown', () => {
    expect(decode({ acknowledgement: 'deny' }, null)).toEqual({ word: 'deny', hash: null })
    expect(decode({ acknowledgement: 'acknowledge', hash: null }, null).hash).toBeNull()
    expect(decode({ acknowledgement: 'acknowledge', hash: '' }, null).hash).toBeNull()
  })

  it('never loses a hash: what its sender has not seen must not be released', () => {
    expect(decode({ acknowledgement: 'acknowledge', hash: 'abc' }, null)).toEqual({
      word: 'acknowledge',
      hash: 'abc',
    })
  })

  it.each([
    [{}, '/acknowledgement'],
    [null, ''],
    [[], ''],
    [{ acknowledgement: 'ACKNOWLEDGE' }, '/acknowledgement'],
    [{ acknowledgement: 'acknowledge', hash: 7 }, '/hash'],
    [{ acknowledgement: 'acknowledge', hash: 'x'.repeat(129) }, '/hash'],
  ])('is not %j, which is wrong at "%s"', (body, field) => {
    const refused = refusalOf(() => decode(body, null))
    expect(refused.code).toBe('validation-error')
    expect(refused.errors.map((error) => error.field)).toEqual([field])
  })
})

function refusalOf(act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}
