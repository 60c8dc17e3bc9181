import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { serviceSettings } from './service-settings.ts'

const settingsOf = (env: Readonly<Record<string, string>>) =>
  serviceSettings(loadConfig({ argv: [], env, workingDirectory: '/nowhere' }))
const jobsAlone = { CERTRAIL_ROLES: 'api,jobs', CERTRAIL_DNS_PORT: '0', CERTRAIL_HTTP_PORT: '0' }

describe('jobs without an edge beside them', () => {
  it('are told what they cannot find out: where the edges of another process answer on free ports', () => {
    expect(() => settingsOf(jobsAlone)).toThrow(/CERTRAIL_RESOLVER: .*\n.*CERTRAIL_VALIDATION_HTTP_PORT: /)
    expect(() => settingsOf({ ...jobsAlone, CERTRAIL_VALIDATION_HTTP_PORT: '5002' })).toThrow(
      /one setting is not usable[\s\S]*CERTRAIL_RESOLVER: .*CERTRAIL_DNS_PORT is 0/,
    )
  })

  it.each([
    ['an edge beside them', { CERTRAIL_ROLES: 'api,jobs,edge' }],
    ['no jobs', { CERTRAIL_ROLES: 'api' }],
    ['a resolver', { CERTRAIL_RESOLVER: '127.0.0.1:5353' }],
    ['ports that are known', { CERTRAIL_DNS_PORT: '8053', CERTRAIL_HTTP_PORT: '8080' }],
  ])('%s: nothing is missing', (_, env) => {
    expect(settingsOf({ ...jobsAlone, ...env }).roles.size).toBeGreaterThan(0)
  })
})

it('while a pace is on, validation does not go on by itself before the acknowledgement', () => {
  const policy = (env: Readonly<Record<string, string>>) => settingsOf(env).validation
  expect(policy({}).triggers).toContain('dwell')
  const paced = { CERTRAIL_SANDBOX_PACE: 'PT1M', CERTRAIL_RESOLVER: '127.0.0.1:5353' }
  expect(policy(paced)).toMatchObject({ triggers: ['acknowledgement'], pace: { 'generate-csr': 60_000 } })
  for (const placed of ['placed', 'placed-acknowledged']) {
    const wanted = { triggers: ['acknowledgement'], publishes: 'never' }
    expect(policy({ ...paced, CERTRAIL_SANDBOX_VALIDATION: placed })).toMatchObject(wanted)
  }
  expect(policy({ CERTRAIL_SANDBOX_VALIDATION: 'placed' }).triggers).toEqual(['sight'])
  expect(policy({ ...paced, CERTRAIL_SANDBOX_PACE: 'instant' }).triggers).toContain('sight')
  expect(policy({ ...paced, CERTRAIL_MODE: 'live' }).pace).toBeUndefined()
})
