import { z } from 'zod'
import { REVOCATION_REASON_NAMES } from '../domain/certificate/revocation.ts'
import { CHANGE_ACTIONS, CHANGE_STATES, CHANGE_STATUSES } from '../domain/change/vocabulary.ts'
import { FAULT_REASONS } from '../domain/validation/name-standing.ts'
import { scheduleAnswer } from '../wire/deployment-schedule.ts'
import { wireTime } from '../wire/members.ts'

/** What our own API answers, for the OpenAPI document. */

export const healthAnswer = z.strictObject({ status: z.literal('ok') })
export const clockAnswer = z.strictObject({
  now: wireTime,
  offsetSeconds: z.number(),
  target: wireTime.optional().describe('Where the clock is being turned to; absent: nobody turns it.'),
})
export const clockChecksAnswer = z.strictObject({
  clocks: z.array(
    z.strictObject({
      instance: z.string(),
      differenceSeconds: z.number(),
      stoppedSince: wireTime.nullable(),
      reason: z.string().nullable(),
    }),
  ),
})
export const contractIdentifiersAnswer = z.array(z.string())
export const accountAnswer = z.strictObject({ id: z.string(), name: z.string(), switchKey: z.string() })
export const contractAnswer = z.strictObject({ id: z.string() })
const role = z.enum(['admin', 'operator', 'read-only'])
export const accountShownAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  contracts: z.array(z.string()),
  client: z.strictObject({ id: z.string(), name: z.string(), role }),
})
export const clientAnswer = z.strictObject({
  id: z.string(),
  clientToken: z.string(),
  clientSecret: z.string(),
  accessToken: z.string(),
  role,
  name: z.string(),
  expiresAt: wireTime.nullable(),
  edgerc: z.string(),
})
const moments = {
  createdAt: wireTime,
  expiresAt: wireTime.nullable(),
  lastUsedAt: wireTime.nullable(),
}
export const clientShownAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  role,
  disabled: z.boolean(),
  ...moments,
  switchesTo: z.union([z.literal('any'), z.array(z.string())]),
  credentials: z.array(
    z.strictObject({
      clientToken: z.string(),
      status: z.enum(['active', 'expired', 'retired']),
      ...moments,
    }),
  ),
})
export const clientsAnswer = z.strictObject({ clients: z.array(clientShownAnswer) })

export const changeAnswer = z.strictObject({
  id: z.int(),
  enrollmentId: z.int(),
  action: z.enum(CHANGE_ACTIONS),
  status: z.enum(CHANGE_STATUSES),
  state: z.enum(CHANGE_STATES),
  error: z.strictObject({ code: z.string(), description: z.string(), at: wireTime }).nullable(),
  schedule: scheduleAnswer,
})

const handshake = z.strictObject({
  network: z.enum(['staging', 'production']),
  address: z.string(),
  serverName: z.string(),
  serialNumber: z.string(),
  fingerprint: z.string(),
  protocol: z.string(),
  at: wireTime,
})

/** What can be placed once for all renewals of a name. */
const standing = z.strictObject({
  domain: z.string(),
  cname: z.strictObject({ name: z.string(), target: z.string() }).nullable(),
  redirect: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
})

/** What clients would see differently once production is like staging (docs/comparison.md). */
const comparison = z.strictObject({
  production: z.enum(['answers', 'silent', 'unreachable']),
  differences: z.array(z.strictObject({ id: z.string(), text: z.string() })),
  clients: z.array(z.strictObject({ client: z.string(), staging: z.string(), production: z.string() })),
  note: z.string().nullable(),
})

export const explanationAnswer = z.strictObject({
  change: changeAnswer,
  step: z.string(),
  since: wireTime,
  waitsFor: z.string().nullable(),
  moves: z.array(z.strictObject({ who: z.string(), how: z.string() })),
  until: wireTime.nullable(),
  otherwise: z.string().nullable(),
  findings: z.array(z.strictObject({ id: z.string(), text: z.string() })),
  notEnforced: z.array(z.string()),
  timeline: z.array(
    z.strictObject({ at: wireTime, status: z.string(), state: z.string(), event: z.string() }),
  ),
  handshakes: z.array(handshake),
  validations: z.array(z.unknown()),
  failedLooks: z.array(z.strictObject({ domain: z.string(), requestedAt: wireTime, error: z.string() })),
  lostNames: z.array(
    z.strictObject({
      domain: z.string(),
      since: wireTime,
      reason: z.enum(FAULT_REASONS),
      text: z.string(),
      act: z.string(),
    }),
  ),
  standing: z.array(standing),
  comparison: comparison.nullable(),
  document: z.unknown(),
})

const auditLineAnswer = z.strictObject({
  id: z.int(),
  realAt: wireTime,
  lifecycleAt: wireTime,
  accountId: z.string(),
  actor: z.string(),
  source: z.string(),
  action: z.string(),
  object: z.string(),
  digestBefore: z.string().nullable(),
  digestAfter: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
})
export const auditAnswer = z.strictObject({ entries: z.array(auditLineAnswer) })

const organization = z.strictObject({
  id: z.int(),
  name: z.string().nullable(),
  address: z.string().nullable(),
  address2: z.string().nullable(),
  city: z.string().nullable(),
  region: z.string().nullable(),
  postalCode: z.string().nullable(),
  country: z.string().nullable(),
  phone: z.string().nullable(),
  validations: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['active', 'expired']),
      validatedUntil: wireTime,
    }),
  ),
})
export const organizationsAnswer = z.strictObject({ organizations: z.array(organization) })

const trustChainSetOutlineAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  active: z.strictObject({ staging: z.int(), production: z.int() }),
  createdAt: wireTime,
})
export const trustChainSetsAnswer = z.strictObject({ trustChainSets: z.array(trustChainSetOutlineAnswer) })
export const trustChainSetAnswer = trustChainSetOutlineAnswer.extend({
  revisions: z.array(
    z.strictObject({
      revision: z.int(),
      createdBy: z.string(),
      createdAt: wireTime,
      certificates: z.array(
        z.strictObject({
          subject: z.string(),
          fingerprint: z.string(),
          notAfter: wireTime,
          certificate: z.string(),
        }),
      ),
    }),
  ),
  enrollments: z.array(z.int()),
})

export const authorityAnswer = z.strictObject({
  name: z.string(),
  directory: z.string(),
  validationTypes: z.array(z.enum(['dv', 'ov', 'ev'])),
  orgId: z.int().nullable(),
  account: z.string().nullable(),
  keyChanging: z.boolean(),
  state: z.enum(['healthy', 'limited', 'down', 'action-required']),
  limitedUntil: wireTime.nullable(),
  downSince: wireTime.nullable(),
  reason: z.string().nullable(),
  action: z
    .strictObject({
      since: wireTime,
      instructions: z.string().nullable(),
      termsOfService: z.string().nullable(),
    })
    .nullable(),
})
export const authoritiesAnswer = z.strictObject({ authorities: z.array(authorityAnswer) })

export const revokedAnswer = z.strictObject({
  serialNumber: z.string(),
  reason: z.enum(REVOCATION_REASON_NAMES),
})

export const errorTypeAnswer = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  meaning: z.string(),
  remedy: z.string(),
})

export const openApiAnswer = z.looseObject({ openapi: z.literal('3.1.0') })
