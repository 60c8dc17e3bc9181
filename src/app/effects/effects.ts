import type { ChangeEffect } from '../../domain/change/effects.ts'
import { Problem } from '../../errors/problem.ts'
import { assembleSlots } from './assemble-slots.ts'
import { checkLive } from './check-live.ts'
import { checkRequest } from './check-request.ts'
import { checkValidation } from './check-validation.ts'
import { abandonOrder, destroyKeys, restoreProduction, restoreStaging } from './clean-up.ts'
import { deployToProduction, deployToStaging } from './deploy.ts'
import { abandonSlots, destroySigningRequest, withdrawFromNetworks } from './deprovision.ts'
import { freezeContent } from './freeze-content.ts'
import { generateKeys } from './generate-keys.ts'
import type { Effect, EffectContext, EffectOutcome } from './outcome.ts'
import { placeOrder } from './place-order.ts'
import { pushSettings } from './push-settings.ts'
import { removeEnrollment } from './remove-enrollment.ts'
import { requestCertificate } from './request-certificate.ts'
import { servePinned } from './serve-pinned.ts'
import { verifyUpload } from './verify-upload.ts'

/** One for each effect that the lifecycle knows. */
const EFFECTS: Partial<Record<ChangeEffect, Effect>> = {
  'check-request': checkRequest,
  'generate-keys': generateKeys,
  'place-order': placeOrder,
  'check-validation': checkValidation,
  'request-certificate': requestCertificate,
  'verify-upload': verifyUpload,
  'assemble-slots': assembleSlots,
  'check-live': checkLive,
  'deploy-to-staging': deployToStaging,
  'deploy-to-production': deployToProduction,
  'freeze-content': freezeContent,
  'push-settings': pushSettings,
  'serve-pinned': servePinned,
  'restore-staging': restoreStaging,
  'restore-production': restoreProduction,
  'abandon-order': abandonOrder,
  'destroy-keys': destroyKeys,
  'deploy-settings-to-staging': deployToStaging,
  'withdraw-from-networks': withdrawFromNetworks,
  'destroy-signing-request': destroySigningRequest,
  'abandon-slots': abandonSlots,
  'remove-enrollment': removeEnrollment,
}

export async function performEffect(effect: ChangeEffect, context: EffectContext): Promise<EffectOutcome> {
  const perform = EFFECTS[effect]
  if (perform === undefined)
    throw new Problem('internal-error', { detail: `No operation of this version starts ${effect}.` })
  return perform(context)
}
