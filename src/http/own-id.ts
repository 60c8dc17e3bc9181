import { z } from 'zod'

/** Ids and keys of the caller's own, as pipelines carry them: `ctr_C-1`, `1-ABC:1-8BYUX`. */
export const ownId = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits, dots, colons, hyphens or underscores',
  })
  .nullish()
