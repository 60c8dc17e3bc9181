import { z } from 'zod'
import type { AccountView } from '../app/views.ts'
import type { ContractId } from '../domain/identifiers.ts'
import type { JsonObject } from './json.ts'

/** The little of the Property Manager API (PAPI) that pipelines read before they enroll: which contract, which group. */

export const contractsAnswer = z.strictObject({
  accountId: z.string(),
  contracts: z.strictObject({
    items: z.array(z.strictObject({ contractId: z.string(), contractTypeName: z.string() })),
  }),
})

export const groupsAnswer = z.strictObject({
  accountId: z.string(),
  accountName: z.string(),
  groups: z.strictObject({
    items: z.array(
      z.strictObject({
        groupId: z.string(),
        groupName: z.string(),
        contractIds: z.array(z.string()),
      }),
    ),
  }),
})

/** Ids have prefixes (`ctr_C-1`, `grp_15225`) unless the caller wants them bare (PAPI-Use-Prefixes: false). */
export interface IdSpelling {
  readonly prefixes: boolean
}

export function contractsJson({ id, contracts }: AccountView, spelling: IdSpelling): JsonObject {
  return {
    accountId: spelled('act_', id, spelling),
    contracts: {
      items: contracts.map((contract) => ({
        contractId: spelled('ctr_', contract, spelling),
        contractTypeName: 'DIRECT_CUSTOMER',
      })),
    },
  }
}

/** Certrail knows no groups: each contract shows as one of its own, named as in the published sample. So whoever looks for a contract by a group finds one, not several. */
export function groupsJson({ id, name, contracts }: AccountView, spelling: IdSpelling): JsonObject {
  return {
    accountId: spelled('act_', id, spelling),
    accountName: name,
    groups: {
      items: contracts.map((contract) => ({
        groupId: spelled('grp_', String(groupNumber(contract)), spelling),
        groupName: `${name}-${contract}`,
        contractIds: [spelled('ctr_', contract, spelling)],
      })),
    },
  }
}

const spelled = (prefix: string, id: string, { prefixes }: IdSpelling): string =>
  prefixes ? prefix + id : id

const LARGEST_GROUP = 0x7fff_ffff

/** A number, since clients read one out of it, and always the same one for a contract: 31 bits of FNV-1a. */
const groupNumber = (contract: ContractId): number =>
  [...Buffer.from(contract)].reduce(
    (hash, octet) => Math.imul(hash ^ octet, 0x0100_0193) >>> 0,
    0x811c_9dc5,
  ) & LARGEST_GROUP
