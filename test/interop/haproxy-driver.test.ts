import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DeploymentId } from '../../src/domain/identifiers.ts'
import { createRuntimeApi } from '../../src/edge/haproxy/runtime-api.ts'
import { createRuntimeSocket } from '../../src/edge/haproxy/runtime-socket.ts'
import { STEPS as ALL_STEPS } from '../../src/edge/haproxy/runtime-list.ts'
import { createProbe } from '../../src/edge/probe.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { handshake } from '../support/edge-client.ts'
import { allNamesOf, edgeCertificateOf, generationOf, issueGeneration } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { openGate, withChain } from '../support/haproxy-gate.ts'
import { driveHaproxy } from '../support/haproxy-network.ts'
import { sampled } from '../support/sampled.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'

const { signal } = new AbortController()
const probe = createProbe()
/** Names are routed where one of them asks for client certificates (haproxy-mutual.test.ts). */
const STEPS = ALL_STEPS.filter((step) => step !== 'routed')
const isWholeList = (command: string): boolean =>
  command === 'show ssl cert\n' || command.startsWith('show ssl crt-list')

describe.skipIf(!hasHaproxy)('HAProxy under our driver (skipped when the program haproxy is missing)', () => {
  let authority: TestAuthority
  let haproxy: TestHaproxy

  beforeAll(async () => {
    authority = await makeTestAuthority()
  })
  beforeEach(async () => {
    haproxy = await startHaproxy({ placeholderPem: await placeholderPem(authority) })
  })
  afterEach(() => haproxy.close())

  const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''
  const issued = (names: readonly string[], settings = {}) =>
    issueGeneration(authority, names, 'staging', settings)
  const serving = async (serverName: string): Promise<string> =>
    (await probe({ ...haproxy.address, serverName, timeoutMs: 5_000 })).serialNumber

  /** Asks again and again until told to stop; resolves with every answer in order, each once. */
  function constantProber(name: string) {
    let isStopped = false
    const answers: string[] = []
    const running = (async () => {
      while (!isStopped) {
        const answer = await serving(name).catch((error: unknown) => String(error))
        if (answers.at(-1) !== answer) answers.push(answer)
      }
    })()
    return async () => {
      isStopped = true
      await running
      return answers
    }
  }

  it('keeps text, comments and commands of an upload away from the socket', async () => {
    const certificate = await authority.issue(['a.example'])
    const chain = `Bag Attributes\r\n  friendlyName: x\r\n\r\n\ndisable frontend public\n\n${authority.intermediatePem.replaceAll('\n', '\r\n')}\n\ndisable frontend public\n`
    const own = {
      ...edgeCertificateOf(certificate, chain),
      certificatePem: `# mine\n\n${certificate.certificatePem}`,
    }
    await driveHaproxy(haproxy).edge.deploy(generationOf(['a.example'], [own]), signal)
    expect(await serving('a.example')).toBe(certificate.serialNumber)
    const stat = await haproxy.ask('show stat -1 1 -1')
    expect(stat).toContain(',OPEN,')
    expect(stat).not.toContain(',STOP,')
  })

  it('aborts a transaction that somebody left open, and takes nothing of it over', async () => {
    const { edge, warnings } = driveHaproxy(haproxy)
    const first = await issued(['a.example'])
    await edge.deploy(first, signal)
    const pem = await placeholderPem(authority)
    const reply = await haproxy.ask(`set ssl cert ${haproxy.places.placeholder} <<\n${pem}`)
    expect(reply).toContain('Transaction created')
    const second = await issued(['a.example'])
    await edge.deploy(second, signal)
    expect(await serving('a.example')).toBe(serialOf(second))
    expect(warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining('aborted'))
    expect(await haproxy.ask('show ssl cert')).not.toContain('transaction')
  })

  it('finds what somebody set between its own set and commit, and leaves what was served', async () => {
    let stranger: string | null = null
    const { edge } = driveHaproxy(haproxy, {
      async afterStep(step) {
        if (step !== 'set' || stranger === null) return
        await haproxy.ask(`set ssl cert ${haproxy.places.placeholder} <<\n${stranger}`)
      },
    })
    const first = await issued(['a.example'])
    await edge.deploy(first, signal)
    stranger = await placeholderPem(authority)
    await expect(edge.deploy(await issued(['a.example']), signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      members: { seen: 'other-certificate' },
    })
    stranger = null
    expect(await serving('a.example')).toBe(serialOf(first))
    expect(await haproxy.ask('show ssl cert')).not.toContain('transaction')
  })

  it('finds a wrong chain that got in between set and commit, and goes back by itself', async () => {
    const other = await makeTestAuthority()
    const gate = await openGate(join(haproxy.folder, 'gate.sock'), haproxy.socketPath)
    const { edge } = driveHaproxy(haproxy, { socketPath: gate.path })
    const first = await issued(['a.example'])
    await edge.deploy(first, signal)
    const second = await issued(['a.example'])
    const stop = constantProber('a.example')
    const spares = first.certificates[0]?.certificatePem.split('\n')[1] ?? ''
    gate.swapChain({ folder: haproxy.places.public.folder, chainPem: other.intermediatePem, spares })
    await expect(edge.deploy(second, signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      detail: expect.stringContaining('another chain'),
    })
    expect(gate.swapped()).toBe(1)
    expect(await serving('a.example')).toBe(serialOf(first))
    const answers = await stop()
    expect(answers.every((serial) => [serialOf(first), serialOf(second)].includes(serial))).toBe(true)
    gate.swapChain(null)
    await edge.deploy(second, signal)
    expect(await serving('a.example')).toBe(serialOf(second))
    await gate.close()
  })

  it('says that a certificate does not fit the buffer, and serves what it served', async () => {
    const { edge } = driveHaproxy(haproxy)
    const first = await issued(['a.example'])
    await edge.deploy(first, signal)
    const names = Array.from({ length: 150 }, (_, index) => `${'x'.repeat(50)}${index}.example`)
    const certificate = await authority.issue(['a.example', ...names])
    const chain = authority.intermediatePem.repeat(10)
    const long = generationOf(['a.example'], [edgeCertificateOf(certificate, chain)])
    await expect(edge.deploy(long, signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      detail: expect.stringContaining('tune.bufsize'),
    })
    expect(await serving('a.example')).toBe(serialOf(first))
  })

  it('lets two writers take turns, whatever they write', async () => {
    const drivers = [driveHaproxy(haproxy), driveHaproxy(haproxy, { places: haproxy.places })]
    // Both wish for the same, as two processes that follow one database do.
    const generations = await Promise.all(
      ['a.example', 'b.example', 'c.example'].map((name) => issued([name])),
    )
    const all = new Map(generations.flatMap((generation) => [...allNamesOf(generation)]))
    await Promise.all(
      drivers.map(async ({ network }) => {
        for (const generation of generations) network.put(generation)
        await network.assign(all)
      }),
    )
    for (const generation of generations)
      expect(await serving(generation.servedNames[0] ?? '')).toBe(serialOf(generation))
  })

  it('costs the same however many certificates there are: neither list is read for a renewal', async () => {
    const asked: string[] = []
    const socket = createRuntimeSocket(haproxy.socketPath, { timeoutMs: 10_000 })
    const api = createRuntimeApi({
      ...socket,
      ask: (command) => {
        asked.push(command)
        return socket.ask(command)
      },
    })
    const { edge, network } = driveHaproxy(haproxy, { api })
    for (const name of ['a.example', 'b.example', 'c.example'])
      await edge.deploy(await issued([name]), signal)
    const counts: number[] = []
    for (const name of ['a.example', 'c.example']) {
      asked.length = 0
      const renewed = await issued([name])
      await edge.deploy(renewed, signal)
      expect(await serving(name)).toBe(serialOf(renewed))
      expect(asked.filter(isWholeList)).toEqual([])
      counts.push(asked.length)
    }
    expect(new Set(counts).size).toBe(1)
    asked.length = 0
    await network.assign(new Map<string, DeploymentId | null>([['b.example', null]]))
    await expect(serving('b.example')).rejects.toThrow()
    expect(asked.filter(isWholeList)).toEqual([])
    expect(await network.isSound()).toBe(true)
  })

  it('lets a deployment wait for one look at most of those that are taken in between', async () => {
    const { edge, network } = driveHaproxy(haproxy)
    for (const name of ['a.example', 'b.example', 'c.example', 'd.example'])
      await edge.deploy(await issued([name]), signal)
    const done: string[] = []
    const looking = network.isSound().then((isSound) => done.push(`looked: ${isSound}`))
    await edge.deploy(await issued(['a.example']), signal)
    done.push('deployed')
    await looking
    expect(done).toEqual(['deployed', 'looked: true'])
  })

  it('takes a line over that another process of ours has made, and lets go of one that it has taken away', async () => {
    const [one, other] = [driveHaproxy(haproxy), driveHaproxy(haproxy)]
    const [a, b] = [await issued(['a.example']), await issued(['b.example'])]
    for (const { network } of [one, other]) {
      network.put(a)
      await network.assign(allNamesOf(a))
    }
    for (const { network } of [one, other]) {
      network.put(b)
      await network.assign(allNamesOf(b))
    }
    expect((await haproxy.ask('show ssl cert')).match(/\/10001-/g)).toHaveLength(2)
    for (const { network } of [one, other])
      await network.assign(new Map<string, DeploymentId | null>([['a.example', null]]))
    expect((await haproxy.ask('show ssl cert')).match(/\/10001-/g)).toHaveLength(1)
    expect(await serving('b.example')).toBe(serialOf(b))
  })

  it('changes the settings of a name without a gap: the new line, then the old one away', async () => {
    const { edge } = driveHaproxy(haproxy)
    const before = await issued(['a.example'])
    await edge.deploy(before, signal)
    const stop = constantProber('a.example')
    const after = await issued(['a.example'], { disallowedTlsVersions: ['TLSv1_2'] })
    await edge.deploy(after, signal)
    expect(await stop()).toEqual([serialOf(before), serialOf(after)])
    await expect(handshake(haproxy.address, 'a.example', { maxVersion: 'TLSv1.2' })).rejects.toThrow()
    const lines = await haproxy.ask(`show ssl crt-list ${haproxy.places.public.list}`)
    expect(lines.match(/a\.example/g)).toHaveLength(1)
  })

  it('refuses client mutual authentication rather than serve without it', async () => {
    const { edge } = driveHaproxy(haproxy)
    const asks = await issued(['a.example'], {
      clientMutualAuthentication: { setId: 'set-1', authenticationOptions: null },
    })
    await expect(edge.deploy(asks, signal)).rejects.toMatchObject({ code: 'edge-unreachable' })
    await expect(serving('a.example')).rejects.toMatchObject({ code: 'edge-unreachable' })
  })

  it.each(sampled(STEPS, 3))('serves the last proven generation through a reload after: %s', async (step) => {
    let isArmed = false
    const seen: string[] = []
    const { edge } = driveHaproxy(haproxy, {
      async afterStep(done) {
        if (!isArmed || done !== step) return
        isArmed = false
        await haproxy.reload()
        seen.push(await serving('a.example'))
      },
    })
    const before = await issued(['a.example'], step === 'lines-deleted' ? { fipsMode: true } : {})
    await edge.deploy(before, signal)
    isArmed = true
    const settings =
      step === 'line-added' || step === 'lines-deleted' ? { disallowedTlsVersions: ['TLSv1_2'] } : {}
    const after = await issued(['a.example'], settings)
    const stop = constantProber('a.example')
    await edge.deploy(after, signal)
    expect(seen).toEqual([step === 'files-written' ? serialOf(after) : serialOf(before)])
    expect(await serving('a.example')).toBe(serialOf(after))
    expect((await stop()).filter((answer) => ![serialOf(before), serialOf(after)].includes(answer))).toEqual(
      [],
    )
    await haproxy.reload()
    expect(await serving('a.example')).toBe(serialOf(after))
  })

  it.each(sampled(STEPS, 3))('is taken over where a driver was killed after: %s', async (step) => {
    const before = await issued(['a.example'], { fipsMode: true })
    const first = driveHaproxy(haproxy)
    await first.edge.deploy(before, signal)
    const after = await issued(['a.example'])
    const stop = constantProber('a.example')
    const killed = new Promise<void>((resolve) => {
      const dead = driveHaproxy(haproxy, {
        withLock: (work) => work(),
        afterStep: (done) => (done === step ? (resolve(), new Promise<void>(() => {})) : undefined),
      })
      dead.network.put(before)
      dead.network.put(after)
      void dead.network.assign(allNamesOf(after))
    })
    await killed
    const next = driveHaproxy(haproxy)
    next.network.put(after)
    await next.network.assign(allNamesOf(after))
    expect(await serving('a.example')).toBe(serialOf(after))
    expect((await stop()).filter((answer) => ![serialOf(before), serialOf(after)].includes(answer))).toEqual(
      [],
    )
    const stored = await haproxy.ask('show ssl cert')
    expect(stored).not.toContain('transaction')
    expect(stored.match(/\/10001-/g)).toHaveLength(1)
    expect(await readdir(haproxy.places.public.folder)).toHaveLength(1)
  })

  it('serves after a kill what it served before, and says that it cannot be reached meanwhile', async () => {
    const { edge, network } = driveHaproxy(haproxy)
    const before = await issued(['a.example'])
    await edge.deploy(before, signal)
    await haproxy.kill()
    const after = await issued(['a.example'])
    await expect(edge.deploy(after, signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      members: { runtime: 'refused' },
    })
    await haproxy.start()
    expect(await serving('a.example')).toBe(serialOf(before))
    await network.assign(allNamesOf(before))
    await edge.deploy(after, signal)
    await haproxy.kill()
    await haproxy.start()
    expect(await serving('a.example')).toBe(serialOf(after))
  })

  describe('drift', () => {
    let generation: EdgeGeneration
    let driven: ReturnType<typeof driveHaproxy>
    let file: string
    /** What a process does every few seconds. */
    const again = async (): Promise<void> => {
      expect(await driven.network.isSound()).toBe(false)
      await driven.network.assign(allNamesOf(generation), 'all')
      expect(await driven.network.isSound()).toBe(true)
    }

    beforeEach(async () => {
      generation = await issued(['a.example'])
      driven = driveHaproxy(haproxy)
      await driven.edge.deploy(generation, signal)
      file = join(haproxy.places.public.folder, (await readdir(haproxy.places.public.folder))[0] ?? '')
    })

    it('of the process: a line taken away, another certificate, another chain', async () => {
      await haproxy.ask(`del ssl crt-list ${haproxy.places.public.list} ${file}`)
      await expect(serving('a.example')).rejects.toThrow()
      await again()
      expect(await serving('a.example')).toBe(serialOf(generation))
      const pem = await readFile(file, 'utf8')
      const other = await makeTestAuthority()
      for (const wrong of [await placeholderPem(authority), withChain(pem, other.intermediatePem)]) {
        await haproxy.ask(`set ssl cert ${file} <<\n${wrong}`)
        await haproxy.ask(`commit ssl cert ${file}`)
        await again()
        const { certificates } = await driven.edge.probe('a.example', signal)
        expect(certificates.map((der) => Buffer.from(der).toString('base64'))).toEqual(
          [generation.certificates[0]?.certificatePem ?? '', authority.intermediatePem].map((text) =>
            text.replaceAll(/-----[^-]+-----|\s/g, ''),
          ),
        )
      }
    })

    it('of the files: one lost, one changed, the list emptied', async () => {
      const list = haproxy.places.public.list
      const [pem, text] = [await readFile(file, 'utf8'), await readFile(list, 'utf8')]
      await rm(file)
      await writeFile(list, `${haproxy.places.placeholder}\n`)
      await again()
      expect([await readFile(file, 'utf8'), await readFile(list, 'utf8')]).toEqual([pem, text])
      await writeFile(file, await placeholderPem(authority))
      await again()
      expect(await readFile(file, 'utf8')).toBe(pem)
    })

    it('is what is ours alone: lines, certificates and files of others stay', async () => {
      const foreign = join(haproxy.folder, 'foreign.pem')
      const beside = join(haproxy.places.public.folder, 'own.pem')
      const pem = await placeholderPem(authority)
      await writeFile(foreign, pem)
      await writeFile(beside, pem)
      const { list } = haproxy.places.public
      await writeFile(list, `${await readFile(list, 'utf8')}${foreign} foreign.example\n`)
      await haproxy.reload()
      await again()
      await driven.edge.deploy(await issued(['b.example']), signal)
      await driven.network.assign(new Map<string, DeploymentId | null>([['b.example', null]]))
      await expect(serving('foreign.example')).resolves.toMatch(/^[0-9a-f]+$/)
      expect(await readFile(list, 'utf8')).toContain(`${foreign} foreign.example`)
      expect(await readFile(beside, 'utf8')).toBe(pem)
    })
  })
})
