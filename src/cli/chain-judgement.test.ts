import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeTestAuthority } from '../../test/support/self-signed.ts'
import { DAY, type Instant, instant, plus } from '../domain/time.ts'
import { certificatesOf, judgeChain } from './chain-judgement.ts'

const NOW = instant(Date.now())

describe('a presented chain', () => {
  let roots: readonly X509Certificate[]
  let strangers: readonly X509Certificate[]
  let leaf: X509Certificate
  let intermediate: X509Certificate

  beforeAll(async () => {
    const [authority, other] = await Promise.all([makeTestAuthority(), makeTestAuthority()])
    roots = certificatesOf(`${other.rootPem}\n${authority.rootPem}`)
    strangers = certificatesOf(other.rootPem)
    leaf = new X509Certificate((await authority.issue(['www.example.com', '*.example.org'])).certificatePem)
    intermediate = new X509Certificate(authority.intermediatePem)
  })

  const judge = (members: Partial<Parameters<typeof judgeChain>[0]> = {}): readonly string[] =>
    judgeChain({ chain: [leaf, intermediate], roots, serverName: 'www.example.com', at: NOW, ...members })

  it('is valid for its names, wildcards included', () => {
    expect(judge()).toEqual([])
    expect(judge({ serverName: 'any.example.org' })).toEqual([])
  })

  it('is not valid for another name', () => {
    expect(judge({ serverName: 'www.example.net' })).toEqual(['does not cover the name'])
  })

  it.each([
    ['expired', plus(NOW, 31 * DAY)],
    ['not valid before', plus(NOW, -2 * DAY)],
  ])('is %s by the given moment, not by the machine', (words, at: Instant) => {
    const problems = judge({ at })
    expect(problems).toHaveLength(3)
    expect(problems.every((problem) => problem.includes(words))).toBe(true)
  })

  it('is not valid under roots of somebody else of the same name', () => {
    expect(judge({ roots: strangers }).join()).toContain('no root that is trusted here')
  })

  it('is not valid without its intermediate', () => {
    expect(judge({ chain: [leaf] }).join()).toContain('no root that is trusted here')
  })
})
