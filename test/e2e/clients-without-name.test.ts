import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const slot = (name: string) => ({ host: '127.0.0.1', port: 0, name })

let running: InProcess
beforeAll(async () => {
  const edge = { kind: 'builtin', slots: [slot('kept.example')] } as const
  running = await startInProcess({ edges: { staging: edge, production: edge } })
})
afterAll(() => running.close())

async function bringLive(cn: string, sniOnly: boolean) {
  const { useCases, caller } = running
  const settings = dvSettings(cn, [`www.${cn}`])
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: { ...settings, networkConfiguration: { ...settings.networkConfiguration, sniOnly } },
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  const explained = (await useCases.explain(caller, ref)).notEnforced
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  const state = async () => (await useCases.getChange(caller, ref)).state
  await expect.poll(state, { timeout: 20_000 }).toBe('completed')
  const [certificate] = await running.services.deps.store.read.certificates.ofChange(ref.changeId)
  return { serialNumber: certificate?.serialNumber, explained }
}

/** Of what production answers a client with that says no name. */
async function serialWithoutName(name: string): Promise<string> {
  const [kept] = (await running.services.deps.edges.slotsOf('production')).filter(
    (each) => each.name === name,
  )
  const port = Number(kept?.address.split(':')[1])
  const tls = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(tls, 'secureConnect')
  const serial = tls.getPeerCertificate().serialNumber.toLowerCase()
  tls.destroy()
  return serial
}

it('clients that say no name get the enrollment that a listener is kept for, and explain says where none is', async () => {
  const kept = await bringLive('kept.example', false)
  expect(await serialWithoutName('kept.example')).toBe(kept.serialNumber)
  expect(kept.explained).toEqual([])
  const other = await bringLive('unkept.example', false)
  expect(other.explained).toEqual([expect.stringMatching(/^sniOnly: false: .* answered by nobody/)])
  expect(await serialWithoutName('kept.example')).toBe(kept.serialNumber)
})
