import { type EnrollmentLens, sameAsSuccessor } from './lens.ts'
import { v1 } from './v1.ts'
import { v10 } from './v10.ts'
import { v11 } from './v11.ts'
import { v2 } from './v2.ts'
import { v6 } from './v6.ts'
import { v8 } from './v8.ts'
import { v9 } from './v9.ts'

/** From the newest but one downwards, without a gap. Versions 3, 4, 5 and 7 have the members of their successors (spec: api 5.1). */
export const LENSES: readonly EnrollmentLens[] = [
  v11,
  v10,
  v9,
  v8,
  sameAsSuccessor(7),
  v6,
  sameAsSuccessor(5),
  sameAsSuccessor(4),
  sameAsSuccessor(3),
  v2,
  v1,
]

export const NEWEST = 12

/** The lenses between the newest version and `version`, newest first. */
export const lensesTo = (version: number): readonly EnrollmentLens[] =>
  LENSES.filter((lens) => lens.version >= version)
