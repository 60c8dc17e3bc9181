import { describe, expect, it } from 'vitest'
import { CHANGE_STATUSES, CHANGE_STATES } from '../../domain/change/vocabulary.ts'
import { CHANGE } from '../../../test/support/sample-views.ts'
import { changeVersions } from './versions.ts'

const [newest] = changeVersions
// oxlint-disable-next-line no-explicit-any -- tests look into bodies by path
const encode = (view: Partial<typeof CHANGE>, spelling: 'coodinate' | 'coordinate' = 'coodinate'): any =>
  newest?.encode({ ...CHANGE, ...view }, { spelling, challengeRedirectBase: null })

describe('a change on the wire', () => {
  it('misspells one status, unless told otherwise, and no other', () => {
    for (const status of CHANGE_STATUSES) {
      const misspelled = status === 'coordinate-domain-validation' ? 'coodinate-domain-validation' : status
      expect(encode({ status }).statusInfo.status).toBe(misspelled)
      expect(encode({ status }, 'coordinate').statusInfo.status).toBe(status)
    }
  })

  it('has an error in state error and in no other, a description that is a text, and input that is a list', () => {
    const error = { code: 'c', description: 'd', at: CHANGE.schedule.notBefore as never }
    for (const status of CHANGE_STATUSES)
      for (const state of CHANGE_STATES)
        for (const given of [error, null]) {
          const { statusInfo, allowedInput } = encode({ status, state, error: given })
          expect(statusInfo.error !== null).toBe(state === 'error')
          expect(typeof statusInfo.description).toBe('string')
          expect(Array.isArray(allowedInput)).toBe(true)
        }
  })

  it('says of a cancelled change that it was cancelled, not what it waited for', () => {
    for (const status of CHANGE_STATUSES) {
      const { description } = encode({ status, state: 'cancelled' }).statusInfo
      expect(description).toBe('The change was cancelled.')
      expect(encode({ status }).statusInfo.description).not.toBe(description)
    }
  })
})
