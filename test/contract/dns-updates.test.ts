import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { createDynamicUpdates } from '../../src/placement/dynamic-update.ts'
import { readKeyFile } from '../../src/placement/key-file.ts'
import type { TsigKey } from '../../src/placement/transaction-signature.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { createNodeRandom } from '../support/node-random.ts'
import { dnsProviderContract } from './dns-provider-contract.ts'

const ZONE = 'zone.example'
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'
const ALGORITHMS = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const
const HOUR_MS = 3_600_000
const never = new AbortController().signal

const start = () =>
  startNamed({
    keys: [...ALGORITHMS.map((algorithm) => ({ name: algorithm, algorithm, secret: SECRET }))],
    zones: { [ZONE]: { writers: [...ALGORITHMS] }, 'closed.example': {} },
  })

const providerOf = (port: number, key: TsigKey, now = Date.now) =>
  createDynamicUpdates({
    server: { host: '127.0.0.1', port },
    key,
    timeoutMs: 3_000,
    real: { now: () => instant(now()) },
    random: createNodeRandom(),
  })

describe.skipIf(!hasNamed)('dynamic updates of BIND (skipped when the program named is missing)', () => {
  describe.each(ALGORITHMS)('signed with %s', (algorithm) => {
    dnsProviderContract(async () => {
      const named = await start()
      const key = readKeyFile(await readFile(named.keyFile(algorithm), 'utf8'))
      return { ...named, zone: ZONE, provider: providerOf(named.port, key) }
    })
  })

  describe('that are refused', () => {
    let named: Named
    let key: TsigKey
    const record = { zone: ZONE, owner: `_acme-challenge.${ZONE}`, value: 'value' }
    beforeAll(async () => {
      named = await start()
      key = readKeyFile(await readFile(named.keyFile('hmac-sha256'), 'utf8'))
    })
    afterAll(() => named?.close())

    it.each([
      ['an unknown key', { name: 'nobody' }, 'NOTAUTH (BADKEY)'],
      ['a wrong secret', { secret: Buffer.alloc(32) }, 'NOTAUTH (BADSIG)'],
      ['another algorithm', { algorithm: 'hmac-sha512' }, 'NOTAUTH (BADKEY)'],
    ] as const)('name the reason: %s', async (_, change, told) => {
      const placed = providerOf(named.port, { ...key, ...change }).place(record, never)
      await expect(placed).rejects.toThrow(`127.0.0.1 (port ${named.port}) did not update ${ZONE}: ${told}`)
    })

    it('name a clock that is wrong', async () => {
      const placed = providerOf(named.port, key, () => Date.now() - HOUR_MS).place(record, never)
      await expect(placed).rejects.toThrow('NOTAUTH (BADTIME)')
    })

    it('name a zone that is not the apex, one that is not there, and one that is closed', async () => {
      const provider = providerOf(named.port, key)
      const at = (zone: string) => provider.place({ ...record, zone, owner: `x.${zone}` }, never)
      await expect(at(`sub.${ZONE}`)).rejects.toThrow('NOTAUTH')
      await expect(at('elsewhere.example')).rejects.toThrow('NOTAUTH')
      await expect(at('closed.example')).rejects.toThrow('REFUSED')
      const outside = provider.place({ ...record, owner: 'x.elsewhere.example' }, never)
      await expect(outside).rejects.toThrow('NOTZONE')
      expect(await named.texts(record.owner)).toEqual([])
    })

    it('name a server that is not there, and hold no secret', async () => {
      const failure: unknown = await providerOf(1, key)
        .place(record, never)
        .catch((error: unknown) => error)
      expect(String(failure)).toContain('ECONNREFUSED')
      expect(String(failure)).not.toContain(SECRET)
    })
  })

  it('are believed only with an answer that the same key has signed', async () => {
    const liar = createServer((socket) => {
      socket.once('data', (octets) => {
        const reply = Buffer.from(octets.subarray(2, 14))
        reply.writeUInt16BE(0xa800, 2)
        reply.fill(0, 4)
        socket.end(Buffer.concat([Buffer.from([0, reply.length]), reply]))
      })
    }).listen(0, '127.0.0.1')
    await once(liar, 'listening')
    const key = readKeyFile(`key "k" { algorithm hmac-sha256; secret "${SECRET}"; };`)
    const { port } = liar.address() as AddressInfo
    const placed = providerOf(port, key).place({ zone: ZONE, owner: `x.${ZONE}`, value: 'v' }, never)
    await expect(placed).rejects.toThrow('its answer cannot be trusted (not signed)')
    liar.close()
  })
})
