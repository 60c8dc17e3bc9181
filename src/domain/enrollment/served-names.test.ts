import { describe, expect, it } from 'vitest'
import type { DnsNameSettings, EnrollmentSettings } from './enrollment.ts'
import { namesOutside, requestedNames, servedNames } from './served-names.ts'

function settings(sans: readonly string[], dnsNameSettings: DnsNameSettings | null) {
  const csr: Partial<EnrollmentSettings['csr']> = { cn: 'WWW.example.com', sans }
  return { csr, networkConfiguration: { dnsNameSettings } } as unknown as EnrollmentSettings
}

describe('requestedNames', () => {
  it('has the CN first and each name once, canonical', () => {
    const sans = ['b.example.com', 'www.example.com', 'B.EXAMPLE.com', '*.bücher.example', 'a.example.com']
    expect(requestedNames(settings(sans, null))).toEqual([
      'www.example.com',
      'b.example.com',
      '*.xn--bcher-kva.example',
      'a.example.com',
    ])
  })
})

describe('servedNames', () => {
  const sans = ['a.example.com', 'b.example.com']
  const all = ['www.example.com', 'a.example.com', 'b.example.com']

  it.each<[string, DnsNameSettings | null, readonly string[]]>([
    ['no choice: all', null, all],
    ['cloned: all, whatever list comes along', { cloneDnsNames: true, dnsNames: ['a.example.com'] }, all],
    ['cloned without a list: all', { cloneDnsNames: true, dnsNames: null }, all],
    [
      'chosen: the CN and those',
      { cloneDnsNames: false, dnsNames: ['B.example.com'] },
      ['www.example.com', 'b.example.com'],
    ],
    ['only the CN chosen', { cloneDnsNames: false, dnsNames: ['www.example.com'] }, ['www.example.com']],
    ['an empty choice: all', { cloneDnsNames: false, dnsNames: [] }, all],
    ['a missing choice: all', { cloneDnsNames: false, dnsNames: null }, all],
  ])('%s', (_what, choice, expected) => {
    expect(servedNames(settings(sans, choice))).toEqual(expected)
  })

  it('are the CN alone when there are no SANs (the Terraform provider sends an empty list then)', () => {
    expect(servedNames(settings([], { cloneDnsNames: false, dnsNames: [] }))).toEqual(['www.example.com'])
  })
  it('leave out what the certificate is not for: nobody could be answered by it, and it may be somebody else’s', () => {
    const chosen = [
      'a.example.com',
      'victim.example.net',
      'deep.sub.example.com',
      '*.example.com',
      'x.wild.example',
    ]
    const asked = settings([...sans, '*.wild.example'], { cloneDnsNames: false, dnsNames: chosen })
    expect(servedNames(asked)).toEqual(['www.example.com', 'a.example.com', 'x.wild.example'])
    expect(namesOutside(asked)).toEqual(['victim.example.net', 'deep.sub.example.com', '*.example.com'])
    expect(namesOutside(settings(sans, { cloneDnsNames: true, dnsNames: chosen }))).toEqual([])
  })
})
