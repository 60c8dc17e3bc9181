import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

/** Enough for a first start, and soon full. */
const DISK = '192m'
const ATTEMPTS = 30
const MEBIBYTE = 1 << 20

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount()

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'certrail-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(!mayMount)('a full disk (needs the right to mount)', () => {
  let folder: string
  let instance: Instance
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certrail-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder])
    instance = await startInstance(join(folder, 'home'))
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    execFileSync('umount', [folder])
    await rm(folder, { recursive: true, force: true })
  })

  const fill = (): void => {
    const file = openSync(join(folder, 'filler'), 'w')
    try {
      for (;;) writeSync(file, Buffer.alloc(MEBIBYTE))
    } catch {
      closeSync(file)
    }
  }

  it('production serves on, refusals say so, and all that was acknowledged is there when there is room again', async () => {
    const { client, ready } = instance
    const enroll = async (name: string): Promise<void> => {
      const { change } = await createEnrollment(client, ready.contract, dvEnrollment(name))
      expect((await acknowledgeChallenges(client, change)).status).toBe(200)
      await completes(change)
    }
    const completes = async (change: string): Promise<void> => {
      const ended = ({ state }: { state: string }) => state === 'completed' || state === 'cancelled'
      expect((await followChange(client, change, ended)).body.statusInfo.state).toBe('completed')
    }
    await enroll('www.full.example')
    const served = await servedFingerprint(ready.production, 'www.full.example')
    const begun = await createEnrollment(client, ready.contract, dvEnrollment('begun.full.example'))
    fill()

    const acknowledged: { readonly enrollment: string; readonly changes: readonly string[] }[] = []
    const refusals = new Set<number>()
    for (let index = 0; index < ATTEMPTS; index += 1) {
      const response = await client.call('POST', `/cps/v2/enrollments?contractId=${ready.contract}`, {
        accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
        contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
        body: dvEnrollment(`n${index}.full${index}.example`),
      })
      if (response.status === 202) acknowledged.push(response.body)
      else refusals.add(response.status)
    }
    expect([...refusals]).toEqual([503])
    // Less than an enrollment, so that it may still find room.
    const early = await acknowledgeChallenges(client, begun.change)
    expect([200, 503]).toContain(early.status)
    expect(await servedFingerprint(ready.production, 'www.full.example')).toBe(served)

    rmSync(join(folder, 'filler'))
    const list = await client.call('GET', '/cps/v2/enrollments', {
      accept: 'application/vnd.akamai.cps.enrollments.v11+json',
    })
    const locations = list.body.enrollments.map(({ location }: { location: string }) => location)
    expect(locations).toEqual(expect.arrayContaining(acknowledged.map(({ enrollment }) => enrollment)))
    expect(locations.length).toBe(acknowledged.length + 2)
    if (early.status !== 200) expect((await acknowledgeChallenges(client, begun.change)).status).toBe(200)
    await Promise.all([begun.change, ...acknowledged.flatMap(({ changes }) => changes)].map(completes))
    await enroll('again.full.example')
  })
})
