import { lostNamesNotices } from '../../domain/notices/lost-names.ts'
import { HOUR, plus } from '../../domain/time.ts'
import { isLost, type NameSight, nextNameLook, standingAfter } from '../../domain/validation/name-standing.ts'
import { nameAndAbove } from '../../domain/zones/owner-name.ts'
import type { NamesToLookAt } from '../../ports/name-standings.ts'
import type { StandingQuestion } from '../../ports/standing-look.ts'
import type { Repositories } from '../../ports/store.ts'
import type { Dependencies } from '../dependencies.ts'

const AT_ONCE = 4
/** A name server that is slow must not be asked for all that hangs on it at one time. */
const MOST_IN_A_ROUND = 100
/** When a look is made again whose process did not live to keep it. */
const LEFT_AFTER_MS = HOUR

type Wanted = Pick<Dependencies, 'store' | 'clocks' | 'standingLook'>

/** Looks at the names of live enrollments whose time has come, and tells which of them have lost what proves them; says how many enrollments were looked at. */
export async function lookAtNames(deps: Wanted, signal: AbortSignal): Promise<number> {
  const { store, clocks, standingLook: look } = deps
  if (look === null) return 0
  let looked = 0
  while (looked < MOST_IN_A_ROUND && !signal.aborted) {
    const now = clocks.lifecycle.now()
    const taken = await store.read.nameStandings.takeDue({ now, againAt: plus(now, LEFT_AFTER_MS) }, AT_ONCE)
    const sights = await Promise.all(
      taken.map(async (one) => look(await questionsOf(store.read, one), signal)),
    )
    if (signal.aborted) return looked
    // One after the other, so that what is told of one moment is told in the same order every time.
    for (const [index, one] of taken.entries()) await keep(deps, one, sights[index] ?? [])
    looked += taken.length
    if (taken.length < AT_ONCE) break
  }
  return looked
}

/** While somebody turns the clock, names are looked at there, each at its moment. */
export async function lookAtNamesUnlessTurned(
  deps: Wanted & Pick<Dependencies, 'mode' | 'clockControl'>,
  signal: AbortSignal,
): Promise<void> {
  if (deps.mode === 'sandbox') await deps.clockControl.agree()
  if (!deps.clockControl.isTurned()) await lookAtNames(deps, signal)
}

/** With the zone of the account that holds each name, by one look-up for each name above any of them. */
async function questionsOf(
  { dnsZones }: Repositories,
  { accountId, names }: NamesToLookAt,
): Promise<readonly StandingQuestion[]> {
  const above = (name: string) => nameAndAbove(name.replace(/^\*\./, ''))
  const candidates = [...new Set(names.flatMap(above))]
  const kept = new Set<string>()
  for (const zone of candidates) if ((await dnsZones.find(accountId, zone)) !== null) kept.add(zone)
  return names.map((name) => ({ name, zone: above(name).find((zone) => kept.has(zone)) ?? null }))
}

async function keep(
  { store, clocks }: Wanted,
  of: NamesToLookAt,
  sights: readonly NameSight[],
): Promise<void> {
  const { id, accountId, live } = of
  await store.transaction(async (tx) => {
    const now = clocks.lifecycle.now()
    const before = await tx.nameStandings.of(id)
    const after = sights.map((sight) =>
      standingAfter(
        before.find(({ name }) => name === sight.name),
        sight,
        now,
      ),
    )
    const { at: begin } = await tx.renewals.planOf(id)
    const kept = await tx.nameStandings.keep(of, after, nextNameLook(after, { begin, live, now }))
    if (!kept) return
    // What was mended before it was sent is not sent.
    if (before.some(isLost) && !after.some(isLost)) await tx.notices.drop(id, ['validation-lost'], now)
    const subject = { name: of.names[0] ?? '', enrollmentId: id }
    const notices = lostNamesNotices(subject, before, after, { begin, now })
    await tx.notices.add(
      notices.map((notice) => ({ ...notice, accountId, enrollmentId: id, changeId: null })),
    )
  })
}
