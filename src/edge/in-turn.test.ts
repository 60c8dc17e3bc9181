import { expect, it } from 'vitest'
import { inTurn } from './in-turn.ts'

it('lets so many works run at once and no more, in their order, and goes on after one that failed', async () => {
  const takeTurn = inTurn(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const works = [0, 1, 2, 3, 4].map((index) =>
    takeTurn(async () => {
      begun.push(index)
      await new Promise<void>((resolve) => (ends[index] = resolve))
      if (index === 0) throw new Error('failed')
      return index
    }).catch(() => 'failed'),
  )
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    return [...begun]
  }
  expect(await settled()).toEqual([0, 1])
  ends[0]?.()
  expect(await settled()).toEqual([0, 1, 2])
  ends[2]?.()
  ends[1]?.()
  expect(await settled()).toEqual([0, 1, 2, 3, 4])
  ends[4]?.()
  ends[3]?.()
  expect(await Promise.all(works)).toEqual(['failed', 1, 2, 3, 4])
})
