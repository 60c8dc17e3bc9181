import { z } from 'zod'
import { textOrNull, timeOrEmpty, wireTime } from '../members.ts'

const record = z.strictObject({
  hostname: z.string(),
  port: z.string(),
  url: z.string(),
  authorities: z.array(z.string()),
  resolvedIp: z.array(z.string()),
  triedIp: z.string(),
  usedIp: z.string(),
})

const place = z.strictObject({
  token: z.string(),
  fullPath: z.string(),
  redirectFullPath: z.string(),
  responseBody: z.string(),
})

const challenge = place.extend({
  type: z.enum(['http-01', 'dns-01']),
  status: z.enum(['pending', 'valid', 'invalid', 'error']),
  error: textOrNull,
  validationRecords: z.array(record),
})

const name = z.strictObject({
  domain: z.string(),
  status: z.enum(['Preparing', 'Awaiting user', 'Pending', 'Valid', 'Invalid', 'Error']),
  error: textOrNull,
  requestTimestamp: wireTime,
  validatedTimestamp: timeOrEmpty,
  expires: timeOrEmpty,
})

const name2 = name.extend({
  validationStatus: z.enum(['DATA_NOT_READY', 'IN_PROGRESS', 'RESPONSE_ERROR', 'VALIDATED', 'EXPIRED']),
  challenges: z.array(challenge),
})

/** DvChallenges as each version answers it. */
export const DV_CHALLENGES_ANSWERS: Readonly<Record<number, z.ZodType>> = {
  1: z.strictObject({ challenges: z.array(name.extend(place.shape)) }),
  2: z.strictObject({ dv: z.array(name2) }),
}

/** DvHistory: the newer layout and, in the same object, the older one. */
export const DV_HISTORY_ANSWERS: Readonly<Record<number, z.ZodType>> = {
  1: z.strictObject({
    results: z.array(
      z.strictObject({
        domain: z.string(),
        domainHistory: z.array(
          name2.extend({
            ...place.shape,
            validationRecords: z.array(record.omit({ authorities: true, triedIp: true })),
          }),
        ),
      }),
    ),
  }),
}
