import type { Acts } from './act.ts'
import { ENROLLMENT_ACTS } from './enrollment-acts.ts'
import { CHANGE_ACTS } from './change-acts.ts'
import { ZONE_ACTS } from './zone-acts.ts'
import { TRUST_CHAIN_SET_ACTS } from './trust-chain-set-acts.ts'
import { ACCOUNT_ACTS } from './account-acts.ts'
import { INSTANCE_ACTS } from './instance-acts.ts'

/** Every use case: what it reads only, and what the log says of the others. One that is missing here does not compile. */
export const ACTS: Acts = {
  ...ENROLLMENT_ACTS,
  ...CHANGE_ACTS,
  ...ZONE_ACTS,
  ...TRUST_CHAIN_SET_ACTS,
  ...ACCOUNT_ACTS,
  ...INSTANCE_ACTS,
}
