/** What can be planned to happen by itself. */
export const PLAN_STEPS = [
  'begin-renewal',
  'deploy-to-production',
  'push-without-acknowledgement',
  'upload-needed',
  'try-again',
  'go-on',
  'expiry',
] as const
export type PlanStepKind = (typeof PLAN_STEPS)[number]
