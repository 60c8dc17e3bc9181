import { type RawBuilder, sql } from 'kysely'

/** Between one id and the next are fewer than this many that nobody has (docs/divergences.md: ids). */
const LARGEST_GAP = 50

/** Prime, so that a gap takes every size: the values of the counter itself stand for the draws. */
const STRIDE = 7_919

/** The value after `id_counters.value`: random gaps, so that ids tell nothing about other accounts; with a seed always the same ones. */
export const nextId = (seed: number | null): RawBuilder<number> =>
  seed === null
    ? sql`value + 1 + floor(random() * ${LARGEST_GAP})::int`
    : sql`value + 1 + (value * ${STRIDE}::bigint + ${seed}::bigint) % ${LARGEST_GAP}::bigint`
