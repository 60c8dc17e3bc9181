export const median = (values) => quantile(values, 0.5)

export function quantile(values, share) {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** One row of the table that scripts/bench.mjs prints: what was measured, and the named other way of the same run that it is held against. */
export const row = (name, unit, value, baseline, baselineName) => ({
  name,
  unit,
  value,
  baseline,
  baselineName,
})
