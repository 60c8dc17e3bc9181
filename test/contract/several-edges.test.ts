import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { Problem } from '../../src/errors/problem.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

/** What an edge would have to take over late is longer than everything else here, unless somebody waits for it. */
const LATE_MS = 300

describe('a generation that goes to several edges', () => {
  let running: InProcess
  let calls: string[] = []
  beforeEach(async () => {
    running = await startInProcess()
    calls = []
    const { edges } = running.services.deps
    const edgesOf = edges.edgesOf.bind(edges)
    Object.assign(edges, {
      edgesOf: async (network: 'staging' | 'production') => {
        const own = await edgesOf(network)
        return network === 'production' ? [refusing(own[0]), ...own.map(late)] : own
      },
    })
  })
  afterEach(() => running.close())

  /** Fails at once. */
  const refusing = (own: Edge | undefined): Edge => {
    if (own === undefined) throw new Error('no edge of our own')
    const deploy = async () => Promise.reject(new Problem('edge-unreachable'))
    return { ...own, id: 'refusing', deploy, withdraw: async () => {} }
  }
  const late = (own: Edge): Edge => ({
    ...own,
    async deploy(generation, signal) {
      await delay(LATE_MS)
      await own.deploy(generation, signal)
      calls.push('deployed')
    },
    async withdraw(id, names, signal) {
      calls.push('withdrawn')
      await own.withdraw(id, names, signal)
    },
    probe: (name, signal) => own.probe(name, signal),
    probeWithoutName: (names, signal) => own.probeWithoutName(names, signal),
  })

  it('is taken back from all of them only when none still takes it over, so that nothing comes late', async () => {
    const { useCases, caller, services } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings('www.several.example'),
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    const load = () => services.deps.store.read.changes.load(ref.changeId)
    const failed = { status: 'deploy-cert-to-production', state: 'error' }
    await expect.poll(load, { timeout: 30_000 }).toMatchObject(failed)
    expect(calls.slice(0, 2)).toEqual(['deployed', 'withdrawn'])
  })
})
