import { describe, expect, it } from 'vitest'
import { parseEdgerc } from './edgerc.ts'
import { Failure } from './failure.ts'

const TEXT = `; a comment
[default]
client_secret = abc+/d==
host = https://localhost:7443/
access_token = at
client_token = ct

[other.one]
host=[::1]:7443
client-token=ct-2
client-secret=s2
access-token=at-2
account_key=1-5C0YLB:1-8BYUX
[empty]
host =
`

const detailOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return error.detail ?? ''
  }
  return 'nothing was thrown'
}

describe('an edgerc', () => {
  it('gives host without scheme and slash, and a secret with its equals signs', () => {
    expect(parseEdgerc(TEXT, 'default', 'f')).toEqual({
      host: 'localhost:7443',
      credential: { clientToken: 'ct', clientSecret: 'abc+/d==', accessToken: 'at' },
      accountKey: null,
    })
  })

  it('may have dots in a section name, dashes in members, and an account key', () => {
    expect(parseEdgerc(TEXT, 'other.one', 'f')).toEqual({
      host: '[::1]:7443',
      credential: { clientToken: 'ct-2', clientSecret: 's2', accessToken: 'at-2' },
      accountKey: '1-5C0YLB:1-8BYUX',
    })
  })

  it('without the section is refused by its name', () => {
    expect(detailOf(() => parseEdgerc(TEXT, 'nope', 'f'))).toBe('f has no section [nope].')
  })

  it('with an empty member is refused by that name', () => {
    expect(detailOf(() => parseEdgerc(TEXT, 'empty', 'f'))).toBe('Section [empty] of f has no host.')
  })

  it('never has its secret in the words of a refusal', () => {
    const broken = TEXT.replace('client_token = ct\n', '')
    expect(detailOf(() => parseEdgerc(broken, 'default', 'f'))).toBe(
      'Section [default] of f has no client_token.',
    )
  })
})
