import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { createProbe } from '../../src/edge/probe.ts'
import { createForwarder, type Forwarder } from '../support/forwarder.ts'
import { addressOf, type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NAME = 'www.blocked.example'
const NO_SCHEDULE = { notBefore: null, notAfter: null }
const HOUR = 3_600_000

describe('an edge whose port is blocked', () => {
  let running: InProcess
  let firewall: Forwarder | null
  beforeEach(async () => {
    running = await startInProcess()
    firewall = null
  })
  afterEach(async () => {
    await firewall?.close()
    await running.close()
  })

  const served = async (network: Network) =>
    (await createProbe()({ ...addressOf(running, network), serverName: NAME, timeoutMs: 5_000 })).serialNumber

  /** One more edge of the network: it follows the same wishes, and what stands before it can be blocked. */
  const putFirewallBefore = async (network: Network): Promise<Forwarder> => {
    firewall = await createForwarder(addressOf(running, network))
    await running.database.pool.query(
      `insert into edge_listeners (id, network, addresses, real_seen_at) values ('behind-firewall', $1, $2, $3)`,
      [network, [firewall.address], Date.now() + HOUR],
    )
    return firewall
  }

  const enroll = async (): Promise<ChangeReference> => {
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

  const renew = async ({ enrollmentId }: ChangeReference): Promise<ChangeReference> => {
    const changeId = await running.useCases.updateEnrollment(running.caller, enrollmentId, {
      settings: () => dvSettings(NAME),
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: false,
      allowMissingCertificateAddition: false,
    })
    if (changeId === null) throw new Error('a forced renewal starts a change')
    return { enrollmentId, changeId }
  }

  const follow = async (ref: ChangeReference, states: readonly string[]) => {
    const { useCases, caller } = running
    let change = await useCases.getChange(caller, ref)
    for (let look = 0; look < 200 && !states.includes(change.state); look += 1) {
      change = await useCases.waitForChange(caller, ref, 1, new AbortController().signal)
    }
    return change
  }

  it.each(['staging', 'production'] as const)(
    '%s: production serves what it served, explain says why, and the change goes on by itself when it is mended',
    async (network) => {
      const { useCases, caller } = running
      const first = await enroll()
      expect((await follow(first, ['completed'])).state).toBe('completed')
      const before = await served('production')

      const blocked = await putFirewallBefore(network)
      await blocked.block()
      const renewal = await renew(first)
      expect(await follow(renewal, ['error', 'completed'])).toMatchObject({
        state: 'error',
        status: `deploy-cert-to-${network}`,
        error: { code: 'edge-unreachable' },
      })
      expect(await served('production')).toBe(before)
      const { production } = await useCases.getDeployments(caller, first.enrollmentId)
      expect(production?.primary?.serialNumber).toBe(before)
      const explained = await useCases.explain(caller, renewal)
      expect(explained.waitsFor).toContain(`The cause to be mended: ${blocked.address}`)
      expect(explained.until).not.toBeNull()
      expect(explained.otherwise).toMatch(/What was live before stays live/)

      await blocked.unblock()
      expect((await follow(renewal, ['completed'])).state).toBe('completed')
      expect(await served('production')).not.toBe(before)
      expect(await served('staging')).toBe(await served('production'))
    },
  )

  it('a first change whose staging is blocked leaves production without the name', async () => {
    await (await putFirewallBefore('staging')).block()
    const ref = await enroll()
    expect((await follow(ref, ['error', 'completed'])).state).toBe('error')
    await expect(served('production')).rejects.toThrow(/unrecognized_name/)
  })
})
