import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type { World } from './world.ts'

/** A chance for each day and enrollment. */
const PINS = 1 / 20
const UNPINS = 1 / 4

/**
 * Somebody keeps what production serves or goes back to what it served before, and somebody ends that some days later. What is refused to them changes nothing.
 * Not while deployments are paused, since a rollback is carried out all the same.
 */
export async function pinAndUnpin(world: World, ids: readonly EnrollmentId[]): Promise<void> {
  const { draws, useCases, caller, store, pauses, wentBack } = world
  for (const id of ids) {
    if (store.tables.pins.get(id) !== undefined) {
      if (draws.chance(UNPINS)) await useCases.unpinGeneration(caller, id)
    } else if (draws.chance(PINS) && pauses.every(({ until }) => until !== null)) {
      const wish = { generation: null, reason: 'simulated' }
      if (draws.chance(0.3)) await isAllowed(useCases.pinGeneration(caller, id, wish))
      else if (await isAllowed(useCases.rollBack(caller, id, wish))) wentBack.add(id)
    }
  }
}

async function isAllowed(act: Promise<unknown>): Promise<boolean> {
  try {
    await act
    return true
  } catch (error) {
    if (error instanceof Problem && ['cannot-return', 'not-found'].includes(error.code)) return false
    throw error
  }
}
