import { describe, expect, it } from 'vitest'
import type { NameFacts } from '../ports/name-look.ts'
import { createRequestLook, type RequestLookOptions } from './request-look.ts'

const never = new AbortController().signal

const factsOf = (name: string, challengeAlias: string | null): NameFacts => ({
  name,
  host: 'found',
  failure: null,
  addresses: ['192.0.2.1'],
  alias: null,
  challengeAlias,
  isChallengeAnswered: true,
  caa: { outcome: 'none' },
})

/** What `DNS_NAME_NOT_CNAMED` is raised by. */
describe('whether a name is proven at each renewal without anybody', () => {
  const delegatedOf = async (options: Partial<RequestLookOptions>, alias: string | null = null) => {
    const look = createRequestLook({
      names: { factsOf: async ({ names }) => names.map((name) => factsOf(name, alias)) },
      identityFor: async () => null,
      delegationZone: null,
      isPlaced: null,
      ...options,
    })
    const [standing] = await look({ names: ['www.site.example'], validationType: 'dv' }, never)
    return standing?.delegated
  }
  const isPlaced = async (name: string) => name === 'www.site.example'

  it('is not said where there is no way to do without', async () => {
    expect(await delegatedOf({})).toBeNull()
  })

  it('is so with an alias into our zone, and not with one elsewhere', async () => {
    const options = { delegationZone: 'acme.operator.test' }
    expect(await delegatedOf(options, 'www.site.example.acme.operator.test')).toBe(true)
    expect(await delegatedOf(options, 'www.site.example.other.test')).toBe(false)
    expect(await delegatedOf(options)).toBe(false)
  })

  it('is so where a DNS provider writes into its zone', async () => {
    expect(await delegatedOf({ isPlaced })).toBe(true)
    expect(await delegatedOf({ isPlaced, delegationZone: 'acme.operator.test' })).toBe(true)
    expect(await delegatedOf({ isPlaced: async () => false })).toBe(false)
  })
})
