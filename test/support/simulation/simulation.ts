import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { resumeAdvance } from '../../../src/app/advance-clock.ts'
import { askRenewalInformation } from '../../../src/app/renewal-information.ts'
import { DAY, type Instant, later, plus } from '../../../src/domain/time.ts'
import { pauseAndResume } from './pausing.ts'
import { act, enroll, setWindows } from './people.ts'
import { pinAndUnpin } from './pinning.ts'
import { createWitness, lookAt, requireTold } from './rules.ts'
import { requireBegun } from './rules-of-time.ts'
import { createWorld, Killed, type World, type WorldOptions } from './world.ts'

export interface Lived {
  /** A line for each move of each change. */
  readonly history: readonly string[]
}

/** Days between two looks at what people were told. */
const TOLD_EVERY = 5

export interface SimulationOptions extends WorldOptions {
  readonly enrollments: number
  /** People also pin what production serves, and go back to what it served before. */
  readonly pins?: boolean
}

/**
 * One life of a small fleet: the real domain, use cases and plan, over a clock, a CA, edges, kills and people that follow from the seed. The rules of design.md
 * section 5 are looked at after each step; the first that does not hold throws `Violation`. Same options, same history, byte for byte.
 */
export async function simulate(options: SimulationOptions): Promise<Lived> {
  const witness = createWitness((): World => world)
  const world: World = createWorld(options, witness)
  const { draws, now, store } = world
  const ids: EnrollmentId[] = []
  for (let index = 0; index < options.enrollments; index += 1) ids.push(await enroll(world, index))
  for (let day = 0; day < options.days; day += 1) {
    await liveUntil(world, plus(now(), Math.floor(DAY * (0.5 + draws.share()))))
    for (const id of ids) await requireBegun(world, id)
    for (const [index, id] of ids.entries()) {
      if ((day + index) % TOLD_EVERY === 0) await requireTold(world, id)
      await act(world, id)
      if (witness.broken[0] !== undefined) throw witness.broken[0]
      await lookAt(world, id)
      if (isGone(world, id)) ids[index] = await enroll(world, store.tables.enrollments.size)
    }
    if (draws.chance(1 / 60)) await setWindows(world)
    await pauseAndResume(world, ids)
    if (options.pins === true) await pinAndUnpin(world, ids)
  }
  return { history: store.history() }
}

const isGone = ({ store }: World, id: EnrollmentId): boolean =>
  (store.tables.enrollments.get(id)?.removedAt ?? null) !== null

/** As the jobs do: a CA is asked when it would like a renewal, whenever it said that it may be. */
async function liveUntil(world: World, to: Instant): Promise<void> {
  const { deps, now } = world
  for (let next = nextQuestion(world); next < to; next = nextQuestion(world)) {
    await turnTo(world, later(next, now()))
    await askRenewalInformation(deps)
  }
  await turnTo(world, to)
}

function nextQuestion({ ca, store }: World): Instant {
  if (ca.authority.renewalInformation === undefined) return NEVER
  const asked = [...store.tables.enrollments.at('planned', true)].map(({ askAt }) => askAt ?? NEVER)
  return Math.min(NEVER, ...asked) as Instant
}

const NEVER = Number.POSITIVE_INFINITY as Instant

/** Whoever was killed on the way is started again, and goes on by itself to where the clock was going. */
async function turnTo({ deps, useCases, caller }: World, to: Instant): Promise<void> {
  let turn = async (): Promise<unknown> => useCases.advanceClock(caller, { to })
  for (;;) {
    try {
      await turn()
      return
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      await deps.store.read.renewals.releaseHeld()
      turn = () => resumeAdvance(deps)
    }
  }
}
