import type { ChangeId } from '../identifiers.ts'
import { DAY, HOUR, type Instant, plus } from '../time.ts'
import type { Conflict } from './renewal-moments.ts'

/** How close it is; each grade is worse than the one before. */
const GRADES = ['ahead', 'near', 'past'] as const

/** A conflict as people are told of it. */
export interface ToldConflict {
  readonly code: Conflict['code']
  /** The change that it is about; null: it is about none. */
  readonly changeId: ChangeId | null
  readonly grade: (typeof GRADES)[number]
  readonly until: Instant
  /** Of the notice. */
  readonly text: string
}

/** Whose conflicts they are. */
export interface ConflictSubject {
  /** CN of the enrollment. */
  readonly name: string
  readonly enrollmentId: number
  /** Of the open change. */
  readonly changeId: ChangeId | null
}

export interface ConflictNews {
  /** New, or worse than when it was told. */
  readonly tell: readonly ToldConflict[]
  /** What is known to have been told from now on. */
  readonly told: readonly ToldConflict[]
  /** What was told and is not true any more. It is told anew when it comes back. */
  readonly resolved: readonly ToldConflict[]
}

/** Each is told once when it is new, and again when it is worse; not at every look. Pure. */
export function newsOfConflicts(
  before: readonly ToldConflict[],
  subject: ConflictSubject,
  conflicts: readonly Conflict[],
  now: Instant,
): ConflictNews {
  const present = conflicts.map((conflict) => asTold(conflict, subject, now))
  const knownOf = (one: ToldConflict) => before.find((known) => isSame(one, known))
  const isNews = (one: ToldConflict, known = knownOf(one)) => known === undefined || isWorse(one, known)
  return {
    tell: present.filter((one) => isNews(one)),
    told: present.map((one) => {
      const known = knownOf(one)
      return known === undefined || isNews(one, known) ? one : standing(one, known)
    }),
    resolved: before.filter((known) => !present.some((one) => isSame(one, known))),
  }
}

function asTold(
  conflict: Conflict,
  { name, enrollmentId, changeId }: ConflictSubject,
  now: Instant,
): ToldConflict {
  const { code, until } = conflict
  return {
    code,
    changeId: code === 'change-in-the-way' ? changeId : null,
    grade: gradeAt(until, now),
    until,
    text: `${name} (enrollment ${enrollmentId}): ${conflict.text} certrail plan ${enrollmentId} shows all of it.`,
  }
}

/** A day is what somebody needs who is not at work. */
const NEAR_MS = DAY
/** The same conflict an hour sooner is news for who has to act. */
const SOONER_MS = HOUR

/** From when on it is told once more. */
export const nearAt = ({ until }: Pick<Conflict, 'until'>): Instant => plus(until, -NEAR_MS)

const gradeAt = (until: Instant, now: Instant): ToldConflict['grade'] =>
  now >= until ? 'past' : now >= nearAt({ until }) ? 'near' : 'ahead'

const isSame = (one: ToldConflict, other: ToldConflict): boolean =>
  one.code === other.code && one.changeId === other.changeId

const isWorse = (one: ToldConflict, known: ToldConflict): boolean =>
  GRADES.indexOf(one.grade) > GRADES.indexOf(known.grade) || one.until <= plus(known.until, -SOONER_MS)

/** What came sooner by little is still measured by what was told, or it would creep up on people; what got time again can get worse again. */
const standing = (one: ToldConflict, known: ToldConflict): ToldConflict => ({
  ...one,
  until: one.until > known.until ? one.until : known.until,
  text: known.text,
})
