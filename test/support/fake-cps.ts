import type { FakeHandler, FakeReply, FakeRequest } from './fake-api.ts'

export interface FakeStep {
  readonly status: string
  readonly state: string
  readonly input?: 'lets-encrypt-challenges' | 'change-management' | 'third-party-certificate'
  readonly error?: string
  readonly waitsFor?: string
}

export interface FakeCps {
  readonly handler: FakeHandler
  /** Bodies of acknowledgements, with the update they were sent to. */
  readonly acknowledgements: { readonly target: string; readonly body: unknown }[]
  readonly created: { readonly target: string; readonly body: unknown }[]
}

export interface FakeCpsOptions {
  readonly steps: readonly FakeStep[]
  readonly enrollment?: Readonly<Record<string, unknown>>
  readonly others?: readonly Readonly<Record<string, unknown>>[]
  readonly contracts?: readonly string[]
  readonly explains?: boolean
  readonly deployments?: unknown
  /** RFC 3339 */
  readonly now?: string
  /** What wins over all else. */
  readonly first?: FakeHandler
}

const CHANGE = '/cps/v2/enrollments/10001/changes/20001'

const UPDATES = {
  'lets-encrypt-challenges': 'lets-encrypt-challenges-completed',
  'change-management': 'change-management-ack',
  'third-party-certificate': 'third-party-cert-and-trust-chain',
} as const

export const CHALLENGES: FakeStep = {
  status: 'coodinate-domain-validation',
  state: 'awaiting-input',
  input: 'lets-encrypt-challenges',
  waitsFor: 'the challenges to be placed',
}
export const STAGING: FakeStep = { status: 'deploy-cert-to-staging', state: 'running' }
export const APPROVAL: FakeStep = {
  status: 'wait-ack-change-management',
  state: 'awaiting-input',
  input: 'change-management',
  waitsFor: 'somebody to acknowledge staging',
}
export const COMPLETE: FakeStep = { status: 'complete', state: 'completed' }
export const FAILED: FakeStep = {
  status: 'check-for-cert-error',
  state: 'error',
  error: 'The order was refused.',
}

/** One enrollment whose change goes through the steps: a waiting look or an acknowledgement moves it on; without input it moves by itself. */
export function createFakeCps(options: FakeCpsOptions): FakeCps {
  let at = 0
  const acknowledgements: { target: string; body: unknown }[] = []
  const created: { target: string; body: unknown }[] = []
  const step = (): FakeStep => options.steps[at] as FakeStep
  const isDone = (): boolean => step().state === 'completed'
  const moveOn = (): void => {
    at = Math.min(at + 1, options.steps.length - 1)
  }
  const enrollment = (): Readonly<Record<string, unknown>> =>
    sampleEnrollment({
      pendingChanges: isDone() ? [] : [{ location: CHANGE, changeType: 'new-certificate' }],
      ...options.enrollment,
    })

  const routes: readonly (readonly [
    method: string,
    path: RegExp,
    reply: (request: FakeRequest) => FakeReply | null,
  ])[] = [
    [
      'GET',
      /^\/contract-api\/v1\/contracts\/identifiers/,
      () => ({ body: options.contracts ?? ['1-SANDBOX'] }),
    ],
    [
      'GET',
      /^\/cps\/v2\/enrollments$/,
      () => ({ body: { enrollments: [enrollment(), ...(options.others ?? [])] } }),
    ],
    ['GET', /^\/cps\/v2\/enrollments\/10001$/, () => ({ body: enrollment() })],
    [
      'POST',
      /^\/cps\/v2\/enrollments\?/,
      ({ target, body }) => {
        created.push({ target, body })
        return { status: 202, body: { enrollment: '/cps/v2/enrollments/10001', changes: [CHANGE] } }
      },
    ],
    [
      'GET',
      /\/changes\/20001$/,
      ({ headers }) => {
        const waiting = headers['prefer'] !== undefined
        if (waiting && step().input === undefined) moveOn()
        return { body: changeOf(step()), headers: waiting ? { 'preference-applied': 'wait' } : {} }
      },
    ],
    [
      'POST',
      /\/input\/update\//,
      ({ target, body }) => {
        acknowledgements.push({ target, body })
        moveOn()
        return { body: { change: CHANGE } }
      },
    ],
    ['GET', /\/deployments$/, () => ({ body: options.deployments ?? { staging: null, production: null } })],
    [
      'GET',
      /^\/certrail\/v1\/clock$/,
      () => (options.now === undefined ? null : { body: { now: options.now, offsetSeconds: 0 } }),
    ],
    ['GET', /\/explain$/, () => (options.explains === false ? null : { body: explanationOf(step()) })],
  ]
  return {
    acknowledgements,
    created,
    handler: async (request) => {
      const special = await options.first?.(request)
      if (special) return special
      const route = routes.find(([method, path]) => method === request.method && path.test(request.target))
      return route === undefined ? null : route[2](request)
    },
  }
}

/** CPS API: Enrollment, v11. */
export const sampleEnrollment = (
  members: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  id: 10_001,
  location: '/cps/v2/enrollments/10001',
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  changeManagement: false,
  csr: { cn: 'www.example.com', sans: ['www.example.com', 'example.com'] },
  networkConfiguration: { geography: 'core', secureNetwork: 'enhanced-tls', sniOnly: true },
  autoRenewalStartTime: null,
  assignedSlots: [7],
  stagingSlots: [],
  productionSlots: [],
  pendingChanges: [],
  ...members,
})

const changeOf = (step: FakeStep): unknown => ({
  statusInfo: {
    status: step.status,
    state: step.state,
    description: `Doing ${step.status}.`,
    error:
      step.error === undefined
        ? null
        : { code: 'x', description: step.error, timestamp: '2026-01-01T00:00:00Z' },
    deploymentSchedule: { notBefore: null, notAfter: null },
  },
  allowedInput:
    step.input === undefined
      ? []
      : [
          {
            type: step.input,
            requiredToProceed: step.input !== 'lets-encrypt-challenges',
            info: `${CHANGE}/input/info/${step.input}`,
            update: `${CHANGE}/input/update/${UPDATES[step.input]}`,
          },
        ],
})

const explanationOf = (step: FakeStep): unknown => ({
  change: {
    id: 20_001,
    enrollmentId: 10_001,
    status: step.status.replace('coodinate', 'coordinate'),
    state: step.state,
  },
  step: `The step ${step.status.replace('coodinate', 'coordinate')} is under way.`,
  since: '2026-01-01T00:00:00Z',
  waitsFor: step.waitsFor ?? null,
  moves: step.waitsFor === undefined ? [] : [{ who: 'the operator', how: 'certrail acknowledge 10001' }],
  until: step.waitsFor === undefined ? null : '2026-01-08T00:00:00Z',
  otherwise: step.waitsFor === undefined ? null : 'The challenges expire and new ones are made.',
  findings: [],
  timeline: [{ at: '2026-01-01T00:00:00Z', status: step.status, state: step.state, event: 'created' }],
  handshakes: [],
})
