import type { NameValidationView } from '../../app/views.ts'
import { type JsonObject, omit } from '../json.ts'
import { type Encoding, encodingsOf, type WireContext } from '../row.ts'
import { DV_CHALLENGES_ANSWERS } from './answers.ts'
import { challengesOf, encodeChallenge, encodeChallengesV2, encodeName } from './v2.ts'

/** CPS API: DvChallenges. Version 1 knows http-01 only: one row per name, so a wildcard has none. */
export const dvChallengesVersions: readonly Encoding<readonly NameValidationView[]>[] = encodingsOf(
  'dv-challenges',
  {
    1: encodeChallengesV1,
    2: encodeChallengesV2,
  },
  DV_CHALLENGES_ANSWERS,
)

function encodeChallengesV1(names: readonly NameValidationView[], wire: WireContext): JsonObject {
  return {
    challenges: names.flatMap((name) =>
      challengesOf(name)
        .filter((challenge) => challenge.type === 'http-01')
        .map((challenge) => ({
          ...omit(encodeChallenge(name.domain, challenge, wire), [
            'type',
            'status',
            'error',
            'validationRecords',
          ]),
          ...encodeName(name),
        })),
    ),
  }
}
