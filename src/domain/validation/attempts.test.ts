import { describe, expect, it } from 'vitest'
import { type AttemptRecord, withAttempt } from './attempts.ts'

const record = (triedIp: string, usedIp = triedIp): AttemptRecord => ({
  hostname: 'www.site.example',
  port: '80',
  url: 'http://www.site.example/',
  authorities: [],
  resolvedIp: [triedIp],
  triedIp,
  usedIp,
})
const [one, other] = [record('192.0.2.1'), record('192.0.2.2')]

describe('the attempts at a challenge', () => {
  it('are all kept, in their order', () => {
    expect(withAttempt([one], [other])).toEqual([one, other])
    expect(withAttempt([one, other], [one])).toEqual([one, other, one])
  })

  it('are not told twice when nothing has changed, whatever the order of members', () => {
    const { usedIp, ...rest } = other
    expect(withAttempt([one, { usedIp, ...rest }], [other])).toEqual([one, other])
    expect(withAttempt([one, other], [one, other])).toEqual([one, other])
    expect(withAttempt([one], [])).toEqual([one])
  })

  it('are told again when the same address answers otherwise', () => {
    expect(withAttempt([one], [record('192.0.2.1', '')])).toHaveLength(2)
  })

  it('have an end', () => {
    const many = Array.from({ length: 700 }, (_, at) => record(`2001:db8::${at.toString(16)}`))
    const kept = many.reduce<readonly AttemptRecord[]>((all, each) => withAttempt(all, [each]), [])
    expect(kept).toEqual(many.slice(-500))
  })
})
