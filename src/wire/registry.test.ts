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
    ['enrollment', [11, 12]],
    ['enrollments', [4, 11, 12]],
    ['enrollment-status', [1]],
    ['change', [1, 2]],
    ['change-id', [1]],
    ['acknowledgement', [1]],
    ['acknowledgement-with-hash', [1]],
    ['dv-challenges', [1, 2]],
    ['deployment-schedule', [1]],
    ['certificate-and-trust-chain', [1, 2]],
    ['csr', [1, 2]],
    ['warnings', [1]],
    ['change-management-info', [1, 2, 3, 4, 5, 6]],
    ['dv-history', [1]],
    ['certificate-history', [1, 2]],
    ['change-history', [1, 2, 3, 4, 5]],
    ['active-certificates', [2]],
    ['deployment', [3, 7, 8]],
    ['deployments', [7, 8]],
  ])('speaks what clients send for %s (spec: api 4)', (resource, versions) => {
    expect(versionsOf(resource)).toEqual(expect.arrayContaining(versions))
  })
})
