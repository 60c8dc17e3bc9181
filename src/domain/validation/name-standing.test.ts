import { describe, expect, it } from 'vitest'
import type { CaaStanding } from '../findings/request/request-facts.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../time.ts'
import { isLost, type KnownName, type NameSight, nextNameLook, standingAfter } from './name-standing.ts'

const NOW = instant(1_800_000_000_000)
const WWW = 'www.names.example'

const sight = (more: Partial<NameSight> = {}): NameSight => ({
  name: WWW,
  host: 'known',
  caa: { outcome: 'allows' },
  ways: { edges: 'stands', dns: 'gone' },
  instead: null,
  ...more,
})

/** What is known after these looks, an hour apart. */
const after = (...sights: readonly Partial<NameSight>[]): KnownName | undefined =>
  sights.reduce<KnownName | undefined>(
    (known, seen, index) => standingAfter(known, sight(seen), plus(NOW, index * HOUR)),
    undefined,
  )

const GONE = { ways: { edges: 'gone', dns: 'gone' }, instead: '192.0.2.7 answered with status 404.' } as const
const forbids = (issuers: readonly string[]): { caa: CaaStanding } => ({
  caa: { outcome: 'forbids', issuers, configured: ['letsencrypt.org'] },
})

describe('what is wrong with a name', () => {
  it.each([
    ['nothing, where one way stands as it did', [{}], null],
    ['nothing, where another way stands instead', [{}, { ways: { edges: 'gone', dns: 'stands' } }], null],
    ['nothing, where none ever stood: somebody places a value each time', [GONE, GONE], null],
    ['nothing, where the only way is one that there is no more here', [{}, { ways: {} }], null],
    ['its path leads elsewhere', [{}, GONE], 'led-elsewhere'],
    [
      'what placed its values is gone',
      [{ ways: { dns: 'stands' } }, { ways: { dns: 'gone' } }],
      'led-elsewhere',
    ],
    ['nobody answers where our edges did', [{}, { ways: { edges: 'open' } }], 'no-answer'],
    ['DNS knows it no more', [{}, { host: 'unknown', ways: { edges: 'gone' } }], 'unknown-name'],
    [
      'nothing, where DNS never knew it',
      [
        { host: 'unknown', ways: {} },
        { host: 'unknown', ways: {} },
      ],
      null,
    ],
    ['CAA keeps the CA out, however it is proven', [forbids(['other.example'])], 'issuer-not-allowed'],
    ['nobody may issue for it', [forbids([])], 'issuer-not-allowed'],
    ['its CAA records do not come', [{ caa: { outcome: 'failed' } }], 'no-answer'],
    ['nothing any more, once it stands again', [{}, GONE, {}], null],
  ] as const)('%s', (_what, sights, reason) => {
    expect(after(...sights)?.fault?.reason ?? null).toBe(reason)
  })

  it('is told with the name, and with what was there instead', () => {
    expect(after({}, GONE)?.fault?.text).toBe(
      `${WWW} led to our edges and does not any more: 192.0.2.7 answered with status 404.`,
    )
    expect(
      after({ name: `*.${WWW}`, ways: { dns: 'stands' } }, { name: `*.${WWW}`, ways: { dns: 'gone' } })?.fault
        ?.text,
    ).toBe(`_acme-challenge.${WWW} led to where we place values, and does not any more.`)
    expect(after(forbids(['other.example']))?.fault?.text).toBe(
      `The CAA records of ${WWW} allow other.example, not letsencrypt.org.`,
    )
    expect(after(forbids(['letsencrypt.org']))?.fault?.text).toContain(
      'for another account or by other methods',
    )
  })

  it('counts when two looks one after the other found it, from the first of them on', () => {
    expect([after({}, GONE), after({}, GONE, {}, GONE)].map((known) => known && isLost(known))).toEqual([
      false,
      false,
    ])
    const lost = after({}, GONE, GONE)
    expect(lost).toMatchObject({ looks: 2, since: plus(NOW, HOUR), stood: ['edges'] })
    expect(lost && isLost(lost)).toBe(true)
  })
})

describe('when the names are looked at next', () => {
  const live = { notBefore: plus(NOW, -10 * DAY), notAfter: plus(NOW, 80 * DAY) }
  const at = (begin: Instant | null, now: Instant, ...names: (KnownName | undefined)[]) =>
    nextNameLook(
      names.filter((known) => known !== undefined),
      { begin, live, now },
    )
  const begin = plus(NOW, 50 * DAY)

  it.each([
    ['a tenth of the lifetime before the renewal begins', NOW, [{}], 41 * DAY],
    ['from then on once a day', plus(NOW, 45 * DAY), [{}], 46 * DAY],
    ['an hour later, where something is wrong for the first time', NOW, [{}, GONE], HOUR],
    ['six hours later, where something is lost', NOW, [{}, GONE, GONE], 6 * HOUR],
  ] as const)('%s', (_what, now, sights, wait) => {
    expect(at(begin, now, after(...sights))).toBe(plus(NOW, wait))
  })

  it('not by time once the renewal has begun, unless something is lost', () => {
    expect(at(null, NOW, after({}))).toBe(null)
    expect(at(null, NOW, after({}), after({}, GONE, GONE))).toBe(plus(NOW, 6 * HOUR))
  })
})
