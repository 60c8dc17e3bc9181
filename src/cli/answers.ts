import { z } from 'zod'

/** What the commands read of the API's answers; every other member is passed through untouched. */

const texts = z.array(z.string())
const numbers = z.array(z.number())

/** CPS API: Enrollment, v11. */
export const Enrollment = z.looseObject({
  id: z.number(),
  location: z.string().nullish(),
  validationType: z.string(),
  certificateType: z.string(),
  ra: z.string(),
  changeManagement: z.boolean(),
  csr: z.looseObject({ cn: z.string(), sans: texts.nullish().transform((sans) => sans ?? []) }),
  networkConfiguration: z.looseObject({
    secureNetwork: z.string().nullish(),
    geography: z.string().nullish(),
    sniOnly: z.boolean().nullish(),
  }),
  autoRenewalStartTime: z.string().nullish(),
  stagingSlots: numbers.nullish().transform((slots) => slots ?? []),
  productionSlots: numbers.nullish().transform((slots) => slots ?? []),
  pendingChanges: z.array(z.looseObject({ location: z.string(), changeType: z.string().nullish() })),
})
export type Enrollment = z.infer<typeof Enrollment>

export const Enrollments = z.looseObject({ enrollments: z.array(Enrollment) })

/** CPS API: Enrollment, v11, as far as a change of its settings reads it. */
export const EnrollmentDocument = z.looseObject({
  id: z.number(),
  csr: z.looseObject({ cn: z.string(), sans: texts.nullish() }),
})
export type EnrollmentDocument = z.infer<typeof EnrollmentDocument>

export const EnrollmentStatus = z.looseObject({ enrollment: z.string(), changes: texts })
export type EnrollmentStatus = z.infer<typeof EnrollmentStatus>

const AllowedInput = z.looseObject({
  type: z.string(),
  requiredToProceed: z.boolean(),
  info: z.string(),
  update: z.string(),
})
export type AllowedInput = z.infer<typeof AllowedInput>

/** CPS API: Change, v2. */
export const Change = z.looseObject({
  statusInfo: z.looseObject({
    state: z.string(),
    status: z.string(),
    description: z.string().nullish(),
    error: z.looseObject({ code: z.string().nullish(), description: z.string().nullish() }).nullish(),
  }),
  allowedInput: z.array(AllowedInput),
})
export type Change = z.infer<typeof Change>

/** CPS API: Deployment, v8. */
const Deployment = z.looseObject({
  primaryCertificate: z
    .looseObject({
      certificate: z.string().nullish(),
      expiry: z.string().nullish(),
      keyAlgorithm: z.string().nullish(),
    })
    .nullish(),
  multiStackedCertificates: z
    .array(
      z.looseObject({
        certificate: z.string().nullish(),
        expiry: z.string().nullish(),
        keyAlgorithm: z.string().nullish(),
      }),
    )
    .nullish(),
})
export type Deployment = z.infer<typeof Deployment>

export const Deployments = z.looseObject({ staging: Deployment.nullish(), production: Deployment.nullish() })
export type Deployments = z.infer<typeof Deployments>

export const ContractIdentifiers = texts

/** Own API: explain (src/app/views.ts, Explanation), instants as RFC 3339 texts. */
export const Explanation = z.looseObject({
  step: z.string(),
  since: z.string().nullish(),
  waitsFor: z.string().nullish(),
  moves: z.array(z.looseObject({ who: z.string(), how: z.string() })).default([]),
  until: z.string().nullish(),
  otherwise: z.string().nullish(),
  findings: z.array(z.looseObject({ id: z.string(), text: z.string() })).default([]),
  notEnforced: z.array(z.string()).default([]),
  timeline: z
    .array(z.looseObject({ at: z.string(), status: z.string(), state: z.string(), event: z.string() }))
    .default([]),
  handshakes: z
    .array(
      z.looseObject({
        network: z.string(),
        address: z.string(),
        serverName: z.string(),
        serialNumber: z.string(),
        protocol: z.string(),
        at: z.string(),
      }),
    )
    .default([]),
  validations: z
    .array(
      z.looseObject({
        domain: z.string(),
        status: z.string(),
        error: z.string().nullish(),
        challenges: z
          .array(z.looseObject({ type: z.string(), fullPath: z.string(), responseBody: z.string() }))
          .default([]),
      }),
    )
    .default([]),
  failedLooks: z.array(z.looseObject({ domain: z.string(), error: z.string() })).default([]),
  lostNames: z.array(z.looseObject({ text: z.string(), act: z.string() })).default([]),
  comparison: z
    .looseObject({
      production: z.string(),
      differences: z.array(z.looseObject({ id: z.string(), text: z.string() })).default([]),
      clients: z
        .array(z.looseObject({ client: z.string(), staging: z.string(), production: z.string() }))
        .default([]),
      note: z.string().nullish(),
    })
    .nullish(),
  document: z.unknown().optional(),
})
export type Explanation = z.infer<typeof Explanation>

/** Own API: what will happen by itself (src/app/views.ts, PlanView). */
export const Plan = z.looseObject({
  now: z.string(),
  keepKey: z.boolean(),
  lastSafe: z.string().nullable(),
  steps: z.array(z.looseObject({ at: z.string(), what: z.string(), reason: z.string() })),
  holds: z.array(z.looseObject({ kind: z.string(), text: z.string() })).default([]),
  conflicts: z.array(z.looseObject({ text: z.string() })),
})
export type Plan = z.infer<typeof Plan>

/** Own API: what is kept from networks until somebody resumes. */
export const Pauses = z.looseObject({
  pauses: z.array(
    z.looseObject({
      of: z.string(),
      enrollmentId: z.number().nullable(),
      network: z.string().nullable(),
      reason: z.string(),
      pausedAt: z.string(),
    }),
  ),
})
export type Pause = z.infer<typeof Pauses>['pauses'][number]

/** Own API: what production served (src/app/views.ts, GenerationsView). */
export const Generations = z.looseObject({
  live: z.number().nullable(),
  pin: z.looseObject({ generation: z.number(), givesWayAt: z.string().nullable() }).nullable(),
  generations: z.array(
    z.looseObject({
      generation: z.number(),
      isLive: z.boolean(),
      provenAt: z.string().nullable(),
      certificates: z.array(z.looseObject({ serialNumber: z.string() })),
      obstacles: z.array(z.string()),
    }),
  ),
})
export type Generations = z.infer<typeof Generations>

/** Own API: who serves the networks (src/app/views.ts, EdgeView). */
export const Edges = z.looseObject({
  edges: z.array(
    z.looseObject({
      id: z.string(),
      network: z.string(),
      kind: z.string().nullable(),
      addresses: z.array(z.string()),
      version: z.string().nullable(),
      capabilities: z.array(z.string()),
      state: z.string(),
      fault: z.string().nullable(),
      servedNames: z.number().nullable(),
      wishedNames: z.number(),
      lastProbe: z.looseObject({ serverName: z.string(), protocol: z.string(), at: z.string() }).nullable(),
    }),
  ),
})
export type KnownEdge = z.infer<typeof Edges>['edges'][number]

export const Maintenance = z.looseObject({
  windows: z.array(z.looseObject({ cron: z.string(), timeZone: z.string(), durationMinutes: z.number() })),
  freezes: z.array(z.looseObject({ from: z.string(), until: z.string(), reason: z.string() })),
  conflicts: z.array(z.looseObject({ enrollmentId: z.number(), text: z.string() })).default([]),
})
export type Maintenance = z.infer<typeof Maintenance>

export const ClockReading = z.looseObject({
  now: z.string(),
  offsetSeconds: z.number(),
  target: z.string().optional(),
})
export type ClockReading = z.infer<typeof ClockReading>

/** Own API, live mode. */
export const ClockChecks = z.looseObject({
  clocks: z.array(
    z.looseObject({
      instance: z.string(),
      differenceSeconds: z.number(),
      stoppedSince: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
})
export type ClockCheck = z.infer<typeof ClockChecks>['clocks'][number]

/** Own API: what `orgId` of an OV or EV enrollment may name. */
export const Organizations = z.looseObject({
  organizations: z.array(
    z.looseObject({
      id: z.number(),
      name: z.string().nullable(),
      country: z.string().nullable(),
      validations: z.array(z.looseObject({ status: z.string(), validatedUntil: z.string() })),
    }),
  ),
})
export type KnownOrganization = z.infer<typeof Organizations>['organizations'][number]

const TrustChainSetOutline = z.looseObject({
  id: z.string(),
  name: z.string(),
  active: z.looseObject({ staging: z.number(), production: z.number() }),
})
/** Own API: what `setId` of an enrollment's client mutual authentication may name. */
export const TrustChainSets = z.looseObject({ trustChainSets: z.array(TrustChainSetOutline) })
export const TrustChainSet = TrustChainSetOutline.extend({
  revisions: z.array(
    z.looseObject({
      revision: z.number(),
      createdBy: z.string(),
      createdAt: z.string(),
      certificates: z.array(
        z.looseObject({ subject: z.string(), fingerprint: z.string(), notAfter: z.string() }),
      ),
    }),
  ),
  enrollments: z.array(z.number()),
})
export type TrustChainSet = z.infer<typeof TrustChainSet>

/** Own API: the CAs of live mode. */
export const Authority = z.looseObject({
  name: z.string(),
  directory: z.string(),
  validationTypes: z.array(z.string()),
  state: z.string(),
  keyChanging: z.boolean().optional(),
  limitedUntil: z.string().nullable(),
  downSince: z.string().nullable(),
  reason: z.string().nullable(),
  action: z.looseObject({ since: z.string() }).nullish(),
})
export type KnownAuthority = z.infer<typeof Authority>
export const Authorities = z.looseObject({ authorities: z.array(Authority) })

/** Own API: what a CA has revoked. */
export const Revoked = z.looseObject({ serialNumber: z.string(), reason: z.string() })
export type Revoked = z.infer<typeof Revoked>

/** Own API: a new client, with its secret and a section of an edgerc. */
export const CreatedClient = z.looseObject({ role: z.string(), edgerc: z.string() })
/** Own API: an API client, without its secrets. */
export const Client = z.looseObject({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  disabled: z.boolean(),
  expiresAt: z.string().nullable(),
  credentials: z.array(
    z.looseObject({
      clientToken: z.string(),
      status: z.string(),
      lastUsedAt: z.string().nullable(),
      expiresAt: z.string().nullable(),
    }),
  ),
})
export type Client = z.infer<typeof Client>

export type CreatedClient = z.infer<typeof CreatedClient>
