import { describe, expect, it } from 'vitest'
import { Problem } from '../errors/problem.ts'
import { acknowledgementVersions, acknowledgementWithHashVersions } from './acknowledgement.ts'

const decode = (rows: typeof acknowledgementVersions, body: unknown) => rows[0]?.decode(body, null)

describe('an acknowledgement', () => {
  it('is one of two words, and may carry the hash that was shown', () => {
    expect(decode(acknowledgementVersions, { acknowledgement: 'deny' })).toEqual({ word: 'deny', hash: null })
    expect(decode(acknowledgementVersions, { acknowledgement: 'acknowledge', hash: 'x' })).toEqual({
      word: 'acknowledge',
      hash: null,
    })
    expect(decode(acknowledgementWithHashVersions, { acknowledgement: 'acknowledge', hash: 'abc' })).toEqual({
      word: 'acknowledge',
      hash: 'abc',
    })
    expect(
      decode(acknowledgementWithHashVersions, { acknowledgement: 'acknowledge', hash: '' })?.hash,
    ).toBeNull()
  })

  it.each([{}, null, [], { acknowledgement: 'ACKNOWLEDGE' }, { acknowledgement: 'acknowledge', hash: 7 }])(
    'is not %j',
    (body) => {
      expect(() => decode(acknowledgementWithHashVersions, body)).toThrow(Problem)
    },
  )
})
