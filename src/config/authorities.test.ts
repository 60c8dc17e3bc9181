import { describe, expect, it } from 'vitest'
import { readAuthorities } from './authorities.ts'

const account = { name: 'acme-ov', directory: 'https://ca.example/dir', validationTypes: ['ov'] }
const withBinding = (externalAccount: unknown) => [{ ...account, externalAccount }]

describe('CA accounts of certrail.config.json', () => {
  it('have usable absences, and paths below the home', () => {
    const { authorities, findings } = readAuthorities(
      [
        {
          ...account,
          keyFile: 'ca.key',
          roots: ['roots/ov.pem'],
          externalAccount: { kid: 'k', hmacKeyFile: 'secrets/eab' },
        },
      ],
      '/srv/certrail',
    )
    expect(findings).toEqual([])
    expect(authorities).toEqual([
      {
        ...account,
        orgId: null,
        profile: null,
        contacts: [],
        keyFile: '/srv/certrail/ca.key',
        orderLimit: null,
        roots: { kind: 'files', paths: ['/srv/certrail/roots/ov.pem'] },
        externalAccount: { kid: 'k', hmacKey: { file: '/srv/certrail/secrets/eab' } },
      },
    ])
  })

  it.each([
    ['no list', { name: 'x' }, 'authorities'],
    [
      'a directory without TLS',
      [{ ...account, directory: 'http://ca.example/' }],
      'authorities[0].directory',
    ],
    [
      'a validation type of nobody',
      [{ ...account, validationTypes: ['xv'] }],
      'authorities[0].validationTypes[0]',
    ],
    ['a member that nobody knows', [{ ...account, hmac: 'x' }], 'authorities[0]'],
    ['a limit that is none', [{ ...account, orderLimit: '300' }], 'authorities[0].orderLimit'],
    ['roots of no kind', [{ ...account, roots: 'some' }], 'authorities[0].roots'],
    ['the same name twice', [account, account], 'authorities'],
    ['an HMAC key in no place', withBinding({ kid: 'k' }), 'authorities[0].externalAccount'],
    [
      'an HMAC key in two places',
      withBinding({ kid: 'k', hmacKey: 'A'.repeat(20), hmacKeyFile: 'x' }),
      'authorities[0].externalAccount',
    ],
  ])('are refused with %s', (_, given, name) =>
    expect(readAuthorities(given, '/').findings.map((one) => one.name)).toContain(name),
  )

  it('never repeat a secret in what refuses them', () => {
    const { findings } = readAuthorities(withBinding({ kid: 'k', hmacKey: 'not base64url! secret' }), '/')
    expect(findings).toHaveLength(1)
    expect(JSON.stringify(findings)).not.toContain('secret')
  })
})
