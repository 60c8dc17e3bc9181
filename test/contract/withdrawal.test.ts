import { afterAll, beforeAll, expect, it } from 'vitest'
import { withdrawFromNetworks } from '../../src/app/effects/deprovision.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { Problem } from '../../src/errors/problem.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

let running: InProcess
beforeAll(async () => {
  running = await startInProcess()
})
afterAll(() => running.close())

it('a withdrawal that was interrupted looks again whether every edge has let go', async () => {
  const { useCases, caller, services } = running
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: dvSettings('www.withdrawn.example', ['api.withdrawn.example']),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  const state = async () => (await useCases.getChange(caller, ref)).state
  await expect.poll(state, { timeout: 20_000 }).toBe('completed')

  const { store } = services.deps
  const change = await store.read.changes.load(ref.changeId)
  const [certificate] = await store.read.certificates.ofChange(ref.changeId)
  if (change === null || certificate === undefined) throw new Error('nothing is live')
  let served: readonly string[] = ['www.withdrawn.example', 'api.withdrawn.example']
  let disagree = false
  const stubborn = (network: Edge['network']): Edge => ({
    id: `stubborn-${network}`,
    network,
    deploy: async () => {},
    withdraw: async () => {},
    probeWithoutName: async () => [],
    meet: async () => [],
    probe: async (serverName) => {
      if (disagree) throw new Problem('edge-unreachable', { members: { seen: 'disagreement' } })
      return {
        address: '127.0.0.1:1',
        serverName,
        protocol: 'TLSv1.3',
        cipher: '-',
        alpn: null,
        certificates: [],
        certificateOctets: 0,
        serialNumber: '1',
        fingerprint: served.includes(serverName) ? certificate.fingerprint : 'another',
      }
    },
  })
  const edges = { ...services.deps.edges, edgesOf: async (network: Edge['network']) => [stubborn(network)] }
  const deps = { ...services.deps, edges, pause: async () => {} }
  const locked = { read: store.read, transaction: store.transaction }
  const withdraw = () => withdrawFromNetworks({ deps, locked, change, signal: new AbortController().signal })

  for (let attempt = 1; attempt <= 2; attempt += 1)
    await expect(withdraw()).rejects.toMatchObject({ code: 'edge-unreachable' })
  served = ['api.withdrawn.example']
  await expect(withdraw()).rejects.toThrow('still answers for api.withdrawn.example')
  served = []
  disagree = true
  await expect(withdraw()).rejects.toMatchObject({ code: 'edge-unreachable' })
  disagree = false
  expect(await withdraw()).toMatchObject({ event: 'withdrawn' })
  expect(await store.read.deployments.active(ref.enrollmentId)).toEqual([])
})
