import { describe, expect, it } from 'vitest'
import { REGISTRY } from './registry.ts'
import { mediaTypeOf } from './row.ts'

const versionsOf = (resource: string): number[] =>
  REGISTRY.filter((row) => row.resource === resource).map((row) => row.version)

describe('the registry', () => {
  it('has each version of a resource once, under its own media type', () => {
    expect(new Set(REGISTRY.map((row) => row.mediaType)).size).toBe(REGISTRY.length)
    for (const row of REGISTRY) expect(row.mediaType).toBe(mediaTypeOf(row.resource, row.version))
  })

  it('lists newest first, so that a caller without a wish gets the newest', () => {
    for (const resource of new Set(REGISTRY.map((row) => row.resource)))
      expect(versionsOf(resource)).toEqual(versionsOf(resource).sort((left, right) => right - left))
  })

  it.each([
    ['enrollment', 12],
    ['enrollments', 12],
    ['enrollment-locations', 1],
    ['enrollment-status', 1],
    ['change', 5],
    ['change-id', 1],
    ['acknowledgement', 1],
    ['acknowledgement-with-hash', 1],
    ['dv-challenges', 2],
    ['deployment-schedule', 1],
    ['certificate-and-trust-chain', 2],
    ['csr', 2],
    ['warnings', 1],
    ['change-management-info', 6],
    ['dv-history', 1],
    ['certificate-history', 2],
    ['change-history', 5],
    ['deployment', 8],
    ['deployments', 8],
  ])('speaks %s in every version from %i down to 1 (spec: api 4)', (resource, newest) => {
    expect(versionsOf(resource)).toEqual(Array.from({ length: newest }, (_, index) => newest - index))
  })

  it('speaks active-certificates in version 2, the only one that is known', () => {
    expect(versionsOf('active-certificates')).toEqual([2])
  })
})
