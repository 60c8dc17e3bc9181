import { describe, expect, it } from 'vitest'
import { accountId } from '../identifiers.ts'
import { HOUR, instant, MINUTE, plus } from '../time.ts'
import {
  type Claim,
  type LookOutcome,
  offeredAgainAt,
  offeredUnseenAt,
  preflightOf,
  PREFLIGHT_PATIENCE,
  type PreflightPolicy,
} from './preflight.ts'

const AT = instant(1_795_000_000_000)
const CLAIMS: readonly Claim[] = ['acknowledged', 'placed', 'standing', 'seen']
const LOOKS: readonly LookOutcome[] = ['unclear', 'other', 'caa']
const ALL = CLAIMS.flatMap((claim) => LOOKS.map((look) => ({ claim, look })))

describe('what our own look has not seen', () => {
  it('is never offered under strict, whoever vouches for it', () => {
    expect(ALL.map(({ claim, look }) => offeredUnseenAt('strict', { claim, at: AT }, look))).toEqual(
      ALL.map(() => null),
    )
  })

  it.each(['strict', 'advise', 'off'] as const)(
    'is never offered under %s when nobody vouches for it',
    (word) => {
      expect(LOOKS.map((look) => offeredUnseenAt(word, null, look))).toEqual([null, null, null])
    },
  )

  it.each<[Claim, LookOutcome, number]>([
    ['acknowledged', 'unclear', 5 * MINUTE],
    ['acknowledged', 'other', 30 * MINUTE],
    ['placed', 'unclear', 5 * MINUTE],
    ['placed', 'other', 30 * MINUTE],
    ['standing', 'unclear', HOUR],
    ['seen', 'caa', HOUR],
  ])(
    'is offered under advise when it was %s, and the look %s, after a bounded time',
    (claim, look, waitMs) => {
      expect(offeredUnseenAt('advise', { claim, at: AT }, look)).toBe(plus(AT, waitMs))
      expect(offeredUnseenAt('off', { claim, at: AT }, look)).toBe(AT)
    },
  )

  it('is not offered for any other claim', () => {
    const known = (one: { claim: Claim; look: LookOutcome }): boolean =>
      PREFLIGHT_PATIENCE.some(({ claim, look }) => claim === one.claim && look === one.look)
    const others = ALL.filter((one) => !known(one))
    expect(others).toHaveLength(6)
    expect(others.map(({ claim, look }) => offeredUnseenAt('advise', { claim, at: AT }, look))).toEqual(
      others.map(() => null),
    )
  })

  it('is held to the word of its account before the one for all', () => {
    const policy: PreflightPolicy = { default: 'advise', accounts: new Map([[accountId('A-1'), 'strict']]) }
    expect(['A-1', 'A-2'].map((id) => preflightOf(policy, accountId(id)))).toEqual(['strict', 'advise'])
  })
})

describe('a name that the CA has refused', () => {
  it.each([
    [0, 0],
    [1, MINUTE],
    [2, 20 * MINUTE],
    [3, HOUR],
    [4, 6 * HOUR],
    [40, 6 * HOUR],
  ])('%i times rests for %i ms', (refusals, waitMs) => {
    expect(offeredAgainAt(refusals, AT)).toBe(plus(AT, waitMs))
  })
})
