import { X509Certificate } from 'node:crypto'
import { createProbe } from '../../src/edge/probe.ts'
import { acknowledgeChallenges, createEnrollment, dvEnrollment, readChange } from './enrollments.ts'
import type { Instance } from './instance.ts'
import { acknowledgeChangeManagement } from './third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

export interface Member {
  readonly name: string
  /** Path of the enrollment. */
  readonly enrollment: string
  readonly changeManagement: boolean
}

/** DV enrollments `NAME-0`, `NAME-1` …, every other one with change management, all carried to production. */
export async function makeFleet(instance: Instance, name: string, size: number): Promise<readonly Member[]> {
  const { client, ready } = instance
  const members: Member[] = []
  for (let index = 0; index < size; index += 1) {
    const changeManagement = index % 2 === 1
    const cn = `${name}-${index}.example`
    const body = dvEnrollment(cn, [], { changeManagement })
    const { enrollment, change } = await createEnrollment(client, ready.contract, body)
    await acknowledgeChallenges(client, change)
    members.push({ name: cn, enrollment, changeManagement })
    await acknowledgeIfAsked(instance, change)
  }
  return members
}

/** Acknowledges for production when the change waits for that. Says whether it did. */
export async function acknowledgeIfAsked({ client }: Instance, change: string): Promise<boolean> {
  let seen: unknown = null
  for (let look = 0; look < 20; look += 1) {
    const { body } = await readChange(client, change, look === 0 ? undefined : 5)
    const { state, status } = body.statusInfo
    seen = body.statusInfo
    if (state === 'completed') return false
    if (status !== 'wait-ack-change-management') continue
    await acknowledgeChangeManagement(client, change)
    return true
  }
  throw new Error(`${change} came to no rest: ${JSON.stringify(seen)}`)
}

export async function openChangesOf(
  { client }: Instance,
  { enrollment }: Member,
): Promise<readonly string[]> {
  const { body } = await client.call('GET', enrollment, { accept: cps('enrollment.v11') })
  return body.pendingChanges.map(({ location }: { location: string }) => location)
}

export interface Served {
  readonly serialNumber: string
  readonly notBefore: number
  readonly notAfter: number
}

const probe = createProbe()

/** What production answers with for the name, in a full handshake. Rejects when it does not answer. */
export async function servedBy({ ready }: Instance, name: string): Promise<Served> {
  const { hostname, port } = new URL(`tls://${ready.production}`)
  const { certificates } = await probe({
    host: hostname,
    port: Number(port),
    serverName: name,
    timeoutMs: 10_000,
  })
  const leaf = new X509Certificate(certificates[0] as Uint8Array)
  if (leaf.checkHost(name) === undefined) throw new Error(`${name} is answered with ${leaf.subjectAltName}`)
  return {
    serialNumber: leaf.serialNumber,
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
  }
}

/** Turns the clock; answers the new time. */
export async function advanceBy({ client }: Instance, by: string): Promise<number> {
  const { status, body, text } = await client.call('POST', '/certrail/v1/clock/advance', {
    accept: 'application/json',
    contentType: 'application/json',
    body: { by },
  })
  if (status !== 200) throw new Error(text)
  return Date.parse(body.now)
}
