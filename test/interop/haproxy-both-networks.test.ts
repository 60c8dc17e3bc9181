import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Network } from '../../src/domain/network.ts'
import { issueGeneration } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { driveHaproxy, type HaproxyUnderTest } from '../support/haproxy-network.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'

const NAME = 'both.example'

describe.skipIf(!hasHaproxy)(
  'one HAProxy for staging and production (skipped when the program haproxy is missing)',
  () => {
    const { signal } = new AbortController()
    let authority: TestAuthority
    let haproxy: TestHaproxy
    let networks: Readonly<Record<Network, HaproxyUnderTest>>
    beforeEach(async () => {
      authority = await makeTestAuthority()
      haproxy = await startHaproxy({ placeholderPem: await placeholderPem(authority), servesTwo: true })
      const { places, address, candidate } = haproxy.other
      networks = {
        staging: driveHaproxy(haproxy),
        production: driveHaproxy(haproxy, { network: 'production', places, addresses: [address], candidate }),
      }
    })
    afterEach(() => haproxy.close())

    const issue = (network: Network) => issueGeneration(authority, [NAME], network)
    const serialAt = async (network: Network) =>
      (await networks[network].edge.probe(NAME, signal)).serialNumber
    async function deployed(network: Network): Promise<string> {
      const generation = await issue(network)
      await networks[network].edge.deploy(generation, signal)
      return generation.certificates[0]?.serialNumber ?? ''
    }

    it('keeps what they serve apart, also where both are changed at once, through a reload, a kill and a removal', async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        const [staged, live] = await Promise.all([deployed('staging'), deployed('production')])
        expect([await serialAt('staging'), await serialAt('production')]).toEqual([staged, live])
      }
      const live = await serialAt('production')
      const staged = await deployed('staging')
      expect([await serialAt('staging'), await serialAt('production')]).toEqual([staged, live])
      await haproxy.reload()
      expect([await serialAt('staging'), await serialAt('production')]).toEqual([staged, live])
      await haproxy.kill()
      await haproxy.start()
      expect([await serialAt('staging'), await serialAt('production')]).toEqual([staged, live])

      for (const { network } of [networks.staging, networks.production]) {
        // Another process may serve anything: it is looked at anew.
        expect(await network.isSound()).toBe(false)
        await network.assign(new Map(), 'all')
        expect(await network.isSound()).toBe(true)
      }
      const { staging } = networks
      const served = staging.network.servingOf(NAME)
      if (served === null) throw new Error('staging serves nothing')
      await staging.edge.withdraw(served.id, [NAME], signal)
      await expect(serialAt('staging')).rejects.toMatchObject({ members: { alert: 'unrecognized_name' } })
      expect(await serialAt('production')).toBe(live)
      const list = async ({ public: { list: path } }: TestHaproxy['places']) => readFile(path, 'utf8')
      expect(await list(haproxy.places)).not.toContain(NAME)
      expect(await list(haproxy.other.places)).toContain(NAME)
      // Whatever one of them mends is its own.
      await staging.network.assign(new Map(), 'all')
      expect(await serialAt('production')).toBe(live)
      expect([...staging.warnings, ...networks.production.warnings]).toEqual([])
    })
  },
)
