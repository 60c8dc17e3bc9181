import { SECOND, plus } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { AllowedInput, Change, Explanation } from './answers.ts'
import type { Calls, ChangeAnswer } from './calls.ts'
import type { ChangeKey } from './change-key.ts'
import { Failure } from './failure.ts'
import { showStatus } from './output.ts'

export interface Observation {
  readonly change: Change
  /** Null where the server has no explain. */
  readonly explanation: Explanation | null
}

export type Ending =
  /** `complete`, or the status that was waited for. */
  | { readonly kind: 'reached'; readonly change: Change }
  /** Error, cancelled, or complete without resting at the status that was waited for. */
  | { readonly kind: 'failed'; readonly change: Change }
  /** Somebody has to act, and the caller did not want to wait for that. */
  | { readonly kind: 'needs-person'; readonly change: Change; readonly input: AllowedInput }
  | { readonly kind: 'timeout'; readonly change: Change }

export interface FollowDependencies {
  readonly calls: Pick<Calls, 'change' | 'explainIfPossible' | 'acknowledge'>
  readonly clock: Clock
  /** Resolves after that time; used where the server cannot hold its answer back. */
  readonly pause: (milliseconds: number) => Promise<void>
}

export interface FollowOptions {
  readonly key: ChangeKey
  /** `complete` or another status. */
  readonly until: string
  readonly timeoutMs: number
  /** Asks for validation as soon as the challenges are there, once. */
  readonly acknowledgeChallenges: boolean
  readonly stopAtPerson: boolean
  /** Called at each look; `moved` says whether status, state or allowed input are others than at the look before. */
  readonly onLook: (observation: Observation, moved: boolean) => void
}

/** Well below the server's own limit of 50 s, so that no proxy on the way gives up first. */
const LONGEST_WAIT_SECONDS = 25

const challengeInput = (change: Change): AllowedInput | null =>
  change.allowedInput.find((input) => input.type === 'lets-encrypt-challenges') ?? null

const requiredInput = (change: Change): AllowedInput | null =>
  change.allowedInput.find((input) => input.requiredToProceed) ?? null

/**
 * Looks at a change until it ends as asked. The wait that is asked for doubles from one second while nothing moves: a change that
 * moves between two calls makes the second one wait for its *next* move, so a long wait right after a move could sleep through one.
 */
export async function followChange(
  dependencies: FollowDependencies,
  options: FollowOptions,
): Promise<Ending> {
  const deadline = plus(dependencies.clock.now(), options.timeoutMs)
  let waitSeconds = 0
  let before = ''
  let acknowledged = false
  for (;;) {
    const change = await look(dependencies, options.key, waitSeconds)
    const now = JSON.stringify([change.statusInfo.status, change.statusInfo.state, change.allowedInput])
    const explanation = await explanationOf(dependencies, options.key)
    options.onLook({ change, explanation }, now !== before)
    const ending = endingOf(change, options)
    if (ending !== null) return ending
    const challenges = challengeInput(change)
    if (options.acknowledgeChallenges && !acknowledged && challenges !== null) {
      await acknowledge(dependencies, challenges)
      acknowledged = true
      waitSeconds = 0
      before = now
      continue
    }
    const remainingSeconds = Math.ceil((deadline - dependencies.clock.now()) / SECOND)
    if (remainingSeconds <= 0) return { kind: 'timeout', change }
    waitSeconds = Math.min(LONGEST_WAIT_SECONDS, remainingSeconds, now === before ? waitSeconds * 2 || 1 : 1)
    before = now
  }
}

function endingOf(change: Change, options: FollowOptions): Ending | null {
  const { state, status } = change.statusInfo
  if (showStatus(status) === showStatus(options.until) && state !== 'error' && state !== 'cancelled') {
    return { kind: 'reached', change }
  }
  if (state === 'error' || state === 'cancelled' || state === 'completed') return { kind: 'failed', change }
  const input = requiredInput(change)
  return options.stopAtPerson && input !== null ? { kind: 'needs-person', change, input } : null
}

/** A server that ignores `Prefer` is asked at the same pace. */
async function look(dependencies: FollowDependencies, key: ChangeKey, waitSeconds: number): Promise<Change> {
  const answer = await patiently(dependencies, () => dependencies.calls.change(key, waitSeconds))
  if (waitSeconds === 0 || answer.waited) return answer.change
  await dependencies.pause(waitSeconds * SECOND)
  return (await patiently(dependencies, () => dependencies.calls.change(key, 0))).change
}

/** Words only: a change is never given up because they are missing. */
async function explanationOf(dependencies: FollowDependencies, key: ChangeKey): Promise<Explanation | null> {
  try {
    return await dependencies.calls.explainIfPossible(key)
  } catch (error) {
    if (error instanceof Failure) return null
    throw error
  }
}

/** 15 s altogether: a restart of the server takes less, and more should be told to the caller. */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 7_250]

async function patiently(
  dependencies: FollowDependencies,
  ask: () => Promise<ChangeAnswer>,
): Promise<ChangeAnswer> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Failure && error.passing)) throw error
      await dependencies.pause(pauseMs)
    }
  }
  return ask()
}

/** 404: the change left domain validation by itself in between. */
async function acknowledge(dependencies: FollowDependencies, input: AllowedInput): Promise<void> {
  try {
    await dependencies.calls.acknowledge(input.update, 'acknowledge')
  } catch (error) {
    if (!(error instanceof Failure && error.status === 404)) throw error
  }
}
