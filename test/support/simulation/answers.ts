import type { Change } from '../../../src/domain/change/change.ts'
import type { Paper } from './papers.ts'
import type { World } from './world.ts'

export interface Answers {
  readonly word: 'acknowledge' | 'deny'
  /** In what their CA makes. */
  readonly slip: Partial<Paper>
  /** Of two certificates they bring one. */
  readonly isPartial: boolean
}

export const WELL: Answers = { word: 'acknowledge', slip: {}, isPartial: false }

/** What a person does for a change that waits for one. False: it waits for nobody. */
export async function answer(world: World, change: Change, answers: Answers): Promise<boolean> {
  const { useCases, caller } = world
  const { id: changeId, enrollmentId, status } = change
  const ref = { enrollmentId, changeId }
  if (status === 'wait-upload-third-party') await upload(world, change, answers)
  else if (status === 'wait-ack-change-management')
    await useCases.acknowledgeChangeManagement(caller, ref, answers.word, null)
  else if (status === 'wait-review-pre-verification-safety-checks')
    await useCases.acknowledgeWarnings(caller, ref, 'pre-verification', 'acknowledge')
  else if (status.startsWith('wait-review'))
    await useCases.acknowledgeWarnings(caller, ref, 'post-verification', 'acknowledge')
  else {
    // What comes of it is the CA's word.
    if (status === 'coordinate-domain-validation')
      await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    return false
  }
  return true
}

export async function upload(
  { useCases, caller, ca }: World,
  { id: changeId, enrollmentId }: Change,
  { slip, isPartial }: Answers,
): Promise<void> {
  const ref = { enrollmentId, changeId }
  const requests = await useCases.getSigningRequests(caller, ref)
  const some = isPartial && requests.length > 1 ? requests.slice(1) : requests
  await useCases.uploadCertificates(
    caller,
    ref,
    some.map(({ pem, keyAlgorithm }) => ({
      keyAlgorithm,
      certificate: ca.sign(pem, slip),
      trustChain: null,
    })),
  )
}
