/** All of them in `npm run test:long`; else a few, chosen by the run's seed (CERTRAIL_TEST_SEED). */
export function sampled<T>(all: readonly T[], count: number): readonly T[] {
  if (process.env['CERTRAIL_TEST_LONG'] === '1') return all
  const seed = Number(process.env['CERTRAIL_TEST_SEED'] ?? 1)
  const left = [...all]
  return Array.from({ length: Math.min(count, all.length) }, (_, index) => {
    // A multiplicative hash (Knuth): neighbouring seeds choose far from each other.
    const [chosen] = left.splice((Math.imul(seed + index, 2_654_435_761) >>> 0) % left.length, 1)
    return chosen as T
  })
}
