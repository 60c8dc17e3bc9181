import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { createProbe } from '../../src/edge/probe.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NAME = 'www.blocked.example'
const NO_SCHEDULE = { notBefore: null, notAfter: null }

describe('a network that no client can reach', () => {
  let running: InProcess
  beforeEach(async () => {
    running = await startInProcess()
  })
  afterEach(() => running.close())

  const enroll = async () => {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(NAME),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    return ref
  }

  const follow = async (ref: Awaited<ReturnType<typeof enroll>>, states: readonly string[]) => {
    const { useCases, caller } = running
    let change = await useCases.getChange(caller, ref)
    for (let look = 0; look < 200 && !states.includes(change.state); look += 1) {
      change = await useCases.waitForChange(caller, ref, 1, new AbortController().signal)
    }
    return change
  }

  const production = async () => {
    const address = running.services.edgeSide?.networks.get('production')?.network.addresses[0]
    if (address === undefined) throw new Error('production does not listen')
    return (await createProbe()({ ...address, serverName: NAME, timeoutMs: 5_000 })).serialNumber
  }

  it('staging blocked: the change ends in error and production serves what it served', async () => {
    const { useCases, caller, services } = running
    const first = await enroll()
    expect((await follow(first, ['completed'])).state).toBe('completed')
    const served = await production()

    await services.edgeSide?.networks.get('staging')?.network.close()
    const renewal = await useCases.updateEnrollment(caller, first.enrollmentId, {
      settings: dvSettings(NAME),
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: false,
      allowMissingCertificateAddition: false,
    })
    if (renewal === null) throw new Error('a forced renewal starts a change')
    const ref = { enrollmentId: first.enrollmentId, changeId: renewal }
    await follow(ref, ['awaiting-input', 'error'])
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    const failed = await follow(ref, ['error', 'completed'])
    expect(failed).toMatchObject({
      state: 'error',
      status: 'deploy-cert-to-staging',
      error: { code: 'edge-unreachable' },
    })
    expect(await production()).toBe(served)
    const { production: deployed } = await useCases.getDeployments(caller, first.enrollmentId)
    expect(deployed?.primary?.serialNumber).toBe(served)
  })

  it('a first change whose staging is blocked leaves production without the name', async () => {
    await running.services.edgeSide?.networks.get('staging')?.network.close()
    const ref = await enroll()
    expect((await follow(ref, ['error', 'completed'])).state).toBe('error')
    await expect(production()).rejects.toThrow(/unrecognized_name/)
  })
})
