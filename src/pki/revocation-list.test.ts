import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { testAuthority, testLeaf, testRoot } from '../../test/support/test-certificates.ts'
import { DAY, HOUR, instant, plus, toWireTime } from '../domain/time.ts'
import { createRevocationList, type RevocationListRequest } from './crl.ts'
import { explicit, implicit, integer, sequence, time } from './der.ts'
import { extension } from './extensions.ts'
import { uriName } from './general-names.ts'
import { signed } from './issue.ts'
import { OID } from './object-identifiers.ts'
import { distributionPointsOf, judgeByList, type RevocationQuestion } from './revocation-list.ts'

const NOW = instant(Date.UTC(2026, 5, 1))
const URL_OF_LIST = 'http://crl.example/one.crl'
const root = testRoot({ cn: 'Root', at: plus(NOW, -DAY) })
const issuing = testAuthority(root, { cn: 'Issuing', at: plus(NOW, -DAY) })
const leaf = testLeaf(issuing, { cn: 'a.example', at: plus(NOW, -DAY), more: { crlUri: URL_OF_LIST } })
const serialNumber = new X509Certificate(leaf.der).serialNumber

const LIST: RevocationListRequest = {
  thisUpdate: plus(NOW, -HOUR),
  nextUpdate: plus(NOW, DAY),
  revoked: [],
}
const revoked = [
  { serialNumber: '80', at: plus(NOW, -HOUR), reason: 'unspecified' as const },
  { serialNumber, at: plus(NOW, -2 * HOUR), reason: 'key-compromise' as const },
]
const list = (changed: Partial<RevocationListRequest> = {}, by = issuing) =>
  createRevocationList({ ...LIST, ...changed }, by.issuer)

const judge = (der: Uint8Array, changed: Partial<RevocationQuestion> = {}) =>
  judgeByList(der, { certificate: leaf.der, issuer: issuing.der, url: URL_OF_LIST, at: NOW, ...changed })

/** As Let's Encrypt writes them: one of many lists, and it says which. */
const partialList = (...parts: readonly Uint8Array[]): Buffer =>
  withExtension(extension(OID.issuingDistributionPoint, true, sequence(...parts)))

const withExtension = (one: Uint8Array): Buffer =>
  signed(
    sequence(
      integer(1),
      issuing.issuer.signer.algorithmIdentifier,
      issuing.issuer.name,
      time(LIST.thisUpdate),
      time(LIST.nextUpdate),
      explicit(0, sequence(one)),
    ),
    issuing.issuer.signer,
  )
const named = (uri: string): Buffer => explicit(0, explicit(0, uriName(uri)))
const USERS_ONLY = implicit(1, Buffer.of(0xff))
const AUTHORITIES_ONLY = implicit(2, Buffer.of(0xff))
const INDIRECT = implicit(4, Buffer.of(0xff))

describe('a revocation list (RFC 5280 section 6.3.3)', () => {
  it('is found where the certificate says', () => {
    expect(distributionPointsOf(leaf.der)).toEqual([URL_OF_LIST])
    expect(distributionPointsOf(root.der)).toEqual([])
  })

  it('says that a certificate is good, until when, or since when it is revoked, and why', () => {
    expect(judge(list())).toEqual({ status: 'good', nextUpdate: LIST.nextUpdate })
    expect(judge(list({ revoked: revoked.slice(0, 1) }))).toMatchObject({ status: 'good' })
    expect(judge(list({ revoked }))).toEqual({
      status: 'revoked',
      at: plus(NOW, -2 * HOUR),
      reason: 'key-compromise',
    })
  })

  it.each<[string, () => ReturnType<typeof judge>, string]>([
    ['of another authority', () => judge(list({}, root)), 'of another authority'],
    [
      'signed by another key of the same name',
      () => judge(list({}, testAuthority(root, { cn: 'Issuing', at: NOW }))),
      'signature does not hold',
    ],
    ['that was to be replaced', () => judge(list({ nextUpdate: plus(NOW, -1) })), 'was to be replaced at'],
    [
      'of the future',
      () => judge(list({ thisUpdate: plus(NOW, HOUR) })),
      `begins at ${toWireTime(plus(NOW, HOUR))}`,
    ],
    ['that is none', () => judge(Buffer.from('<html>')), 'no revocation list that can be read'],
    ['with something after it', () => judge(Buffer.concat([list(), Buffer.of(0)])), 'cannot|can be read'],
    ['of a strange kind', () => judge(withExtension(extension('1.2.3', true, integer(1)))), '1.2.3'],
    ['of others too', () => judge(partialList(INDIRECT)), 'of a kind'],
    ['of authorities alone', () => judge(partialList(AUTHORITIES_ONLY)), 'authorities alone'],
    [
      'of another part',
      () => judge(partialList(named('http://crl.example/two.crl'), USERS_ONLY)),
      'another distribution point',
    ],
  ])('%s says nothing', (_, verdict, why) => {
    const found = verdict()
    expect(found.status).toBe('unknown')
    expect('why' in found ? found.why : '').toMatch(new RegExp(why))
  })

  it('of the part of the issuer in which the certificate is counts, as well as one of everything', () => {
    expect(judge(partialList(named(URL_OF_LIST), USERS_ONLY)).status).toBe('good')
    const ofIssuer = partialList(USERS_ONLY)
    const certificate = testAuthority(issuing, { cn: 'Below', at: NOW }).der
    expect(judge(ofIssuer, { certificate })).toMatchObject({ why: expect.stringContaining('authorities') })
    expect(judge(partialList(AUTHORITIES_ONLY), { certificate }).status).toBe('good')
  })

  it('never judges by what was cut or altered', () => {
    const whole = list({ revoked })
    for (let at = 0; at < whole.length; at += 3) {
      const altered = Buffer.from(whole)
      altered[at] = (altered[at] ?? 0) ^ 0x01
      expect(judge(altered).status).toBe('unknown')
      expect(judge(whole.subarray(0, at)).status).toBe('unknown')
    }
  })
})
