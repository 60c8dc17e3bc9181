import { describe, expect, it } from 'vitest'
import { accountId, changeId, type DeploymentId, deploymentId, enrollmentId } from '../domain/identifiers.ts'
import type { EdgeGeneration } from '../ports/edge.ts'
import { dvSettings } from '../../test/support/settings.ts'
import { createFollower } from './follow.ts'

const KEEP_MS = 1_000
const [FIRST, SECOND, THIRD] = ['1-production', '2-production', '3-production'].map(deploymentId) as [
  DeploymentId,
  DeploymentId,
  DeploymentId,
]

const generation = (id: DeploymentId): EdgeGeneration => ({
  id,
  network: 'production',
  accountId: accountId('A'),
  enrollmentId: enrollmentId(1),
  changeId: changeId(1),
  servedNames: ['a.example', 'b.example'],
  certificates: [],
  settings: dvSettings('a.example').networkConfiguration,
})

function following(keepMs: number) {
  const loads: DeploymentId[] = []
  /** How many generations were asked for at a time. */
  const reads: number[] = []
  const loaded = new Set<DeploymentId>()
  let now = 0
  let wish = new Map<string, DeploymentId>()
  const source = {
    names: async () => wish,
    namesTouchedBy: async () => wish,
    async generations(ids: readonly DeploymentId[]) {
      reads.push(ids.length)
      return ids.map(generation)
    },
  }
  const network = {
    put({ id }: EdgeGeneration) {
      loads.push(id)
      loaded.add(id)
    },
    assign: async () => {},
    drop: (id: DeploymentId) => void loaded.delete(id),
  }
  const follower = createFollower(source, network, { keepMs, now: () => now })
  return {
    loads,
    reads,
    loaded: () => [...loaded],
    wait: (milliseconds: number) => (now += milliseconds),
    async wish(next: Readonly<Record<string, DeploymentId>>) {
      wish = new Map(Object.entries(next))
      await follower.followAll()
    },
  }
}

const both = (id: DeploymentId) => ({ 'a.example': id, 'b.example': id })

describe('a generation that a newer one has replaced', () => {
  it('stays loaded for a while, so that going back loads nothing', async () => {
    const edge = following(KEEP_MS)
    await edge.wish(both(FIRST))
    await edge.wish(both(SECOND))
    expect(edge.loaded()).toEqual([FIRST, SECOND])
    edge.wait(KEEP_MS - 1)
    await edge.wish(both(FIRST))
    expect(edge.loads).toEqual([FIRST, SECOND])
    edge.wait(KEEP_MS)
    await edge.wish(both(FIRST))
    expect(edge.loaded()).toEqual([FIRST])
  })

  it('is let go at the first look after that', async () => {
    const edge = following(KEEP_MS)
    await edge.wish(both(FIRST))
    await edge.wish(both(SECOND))
    edge.wait(KEEP_MS)
    await edge.wish(both(SECOND))
    expect(edge.loaded()).toEqual([SECOND])
  })

  it('counts from when the last of its names has left', async () => {
    const edge = following(KEEP_MS)
    await edge.wish(both(FIRST))
    await edge.wish({ 'a.example': SECOND, 'b.example': FIRST })
    edge.wait(KEEP_MS)
    await edge.wish(both(SECOND))
    expect(edge.loaded()).toEqual([FIRST, SECOND])
    edge.wait(KEEP_MS)
    await edge.wish(both(SECOND))
    expect(edge.loaded()).toEqual([SECOND])
  })

  it('is let go with the one that replaced it when the name is taken off: its keys were destroyed', async () => {
    const edge = following(KEEP_MS)
    await edge.wish(both(FIRST))
    await edge.wish(both(SECOND))
    await edge.wish({})
    expect(edge.loaded()).toEqual([])
  })

  it('is not kept where nobody wants that, and several are where it happens often', async () => {
    const edge = following(0)
    await edge.wish(both(FIRST))
    await edge.wish(both(SECOND))
    expect(edge.loaded()).toEqual([SECOND])
    const keeping = following(KEEP_MS)
    for (const id of [FIRST, SECOND, THIRD]) await keeping.wish(both(id))
    expect(keeping.loaded()).toEqual([FIRST, SECOND, THIRD])
  })
})

it('a thousand generations are read in parts', async () => {
  const edge = following(0)
  const ids = Array.from({ length: 1_001 }, (_, index) => deploymentId(`${index}-production`))
  await edge.wish(Object.fromEntries(ids.map((id) => [`${id}.example`, id])))
  expect(edge.reads).toEqual([500, 500, 1])
  expect(edge.loads).toEqual(ids)
})
