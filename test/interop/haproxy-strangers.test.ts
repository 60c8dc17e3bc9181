import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRuntimeApi } from '../../src/edge/haproxy/runtime-api.ts'
import { createRuntimeSocket } from '../../src/edge/haproxy/runtime-socket.ts'
import { createProbe } from '../../src/edge/probe.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { allNamesOf, issueGeneration } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { driveHaproxy } from '../support/haproxy-network.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'

const { signal } = new AbortController()
const NAME = 'a.example'

describe.skipIf(!hasHaproxy)(
  'a stranger who writes to the same HAProxy (skipped when the program haproxy is missing)',
  () => {
    let authority: TestAuthority
    let haproxy: TestHaproxy
    beforeAll(async () => {
      authority = await makeTestAuthority()
    })
    beforeEach(async () => {
      haproxy = await startHaproxy({ placeholderPem: await placeholderPem(authority) })
    })
    afterEach(() => haproxy.close())

    const issued = () => issueGeneration(authority, [NAME])
    const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''
    const serving = async (): Promise<string> =>
      (await createProbe()({ ...haproxy.address, serverName: NAME, timeoutMs: 5_000 })).serialNumber

    /** Before the command of this number somebody else sets a certificate of his own. Says whether it came to that. */
    function interrupted() {
      const socket = createRuntimeSocket(haproxy.socketPath, { timeoutMs: 10_000 })
      let left = Number.POSITIVE_INFINITY
      let stranger = ''
      const ask = async (command: string): Promise<string> => {
        if (left-- === 0) await haproxy.ask(`set ssl cert ${haproxy.places.placeholder} <<\n${stranger}`)
        return socket.ask(command)
      }
      return {
        api: createRuntimeApi({ ...socket, ask }),
        async at(number: number) {
          stranger = await placeholderPem(authority)
          left = number
        },
        hasCome: () => left < 0,
      }
    }

    it('at any moment costs at most this deployment: the new certificate is served, or what was served', async () => {
      const gate = interrupted()
      const { edge, network } = driveHaproxy(haproxy, { api: gate.api })
      let current = await issued()
      await edge.deploy(current, signal)
      let refusals = 0
      for (let command = 0; ; command++) {
        const next = await issued()
        await gate.at(command)
        const isDeployed = await edge.deploy(next, signal).then(
          () => true,
          () => false,
        )
        if (isDeployed) current = next
        else refusals++
        expect(await serving(), `before command ${command}`).toBe(serialOf(current))
        if (!gate.hasCome()) break
      }
      await network.assign(allNamesOf(current), 'all')
      expect(await haproxy.ask('show ssl cert')).not.toContain('*')
      // Those between a set and its commit, here and on the private listener.
      expect(refusals).toBeGreaterThan(0)
      expect(refusals).toBeLessThan(8)
    })
  },
)
