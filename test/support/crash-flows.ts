import type { KeyAlgorithm } from '../../src/domain/certificate/certificate.ts'
import type { ChangeEffect } from '../../src/domain/change/effects.ts'
import type { ChangeAction, ChangeStatus } from '../../src/domain/change/vocabulary.ts'
import type { ValidationType } from '../../src/domain/enrollment/enrollment.ts'
import { createEnrollment, dvEnrollment } from './enrollments.ts'
import { type PathOptions, type PathStep, pathOf } from './flow-path.ts'
import type { Instance } from './instance.ts'
import { thirdPartyEnrollment } from './third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

export const NAME = 'www.crash.example'
export const MORE_NAME = `api.${NAME}`

type Body = Record<string, unknown>

/** One of the flows of spec: behaviour C6, and how its change is begun. */
export interface CrashFlow extends PathOptions {
  readonly name: string
  readonly action: ChangeAction
  readonly validationType: ValidationType
  readonly changeManagement: boolean
  readonly stagingBypass: boolean
  /** The enrollment that is live when the change begins; null: nothing is. */
  readonly live: Body | null
  /** Of the certificates that the change brings. */
  readonly keyAlgorithms: readonly KeyAlgorithm[]
  readonly fails?: ChangeEffect
  /** Location of the change. `enrollment`: of what is live, empty when nothing is. */
  begin(instance: Instance, enrollment: string): Promise<string>
}

const dv = dvEnrollment(NAME)
const dvReleased = dvEnrollment(NAME, [], { changeManagement: true })
const outside = thirdPartyEnrollment(NAME, [], { changeManagement: false })
const released = thirdPartyEnrollment(NAME, [], { changeManagement: true })
const vetted = (validationType: string) => dvEnrollment(NAME, [], { ra: 'symantec', validationType })

const post = (body: Body) => async (instance: Instance) =>
  (await createEnrollment(instance.client, instance.ready.contract, body)).change

const put =
  (body: Body, query = '') =>
  async ({ client }: Instance, enrollment: string): Promise<string> => {
    const response = await client.call('PUT', `${enrollment}${query}`, {
      accept: cps('enrollment-status.v1'),
      contentType: cps('enrollment.v11'),
      body,
    })
    if (response.status !== 202) throw new Error(`${response.status} ${response.text}`)
    return response.body.changes[0]
  }

const remove = async ({ client }: Instance, enrollment: string): Promise<string> => {
  const response = await client.call('DELETE', enrollment, { accept: cps('enrollment-status.v1') })
  if (response.status !== 202) throw new Error(`${response.status} ${response.text}`)
  return response.body.changes[0]
}

const withSans = <Sent extends typeof dv | typeof outside>(body: Sent): Sent => ({
  ...body,
  csr: { ...body.csr, sans: [MORE_NAME] },
})
const withSettings = (body: Pick<typeof dv, 'networkConfiguration'>): Body => ({
  ...body,
  networkConfiguration: { ...body.networkConfiguration, quicEnabled: true },
})

const DV_NEW = {
  action: 'new-certificate',
  validationType: 'dv',
  changeManagement: false,
  stagingBypass: false,
  live: null,
  keyAlgorithms: ['ECDSA'],
} as const
const DV_UPDATE = { ...DV_NEW, live: dv }
const OUTSIDE_NEW = { ...DV_NEW, validationType: 'third-party', keyAlgorithms: ['RSA'] } as const
const OUTSIDE_UPDATE = {
  ...OUTSIDE_NEW,
  action: 'modify-san',
  changeManagement: true,
  live: released,
} as const
const SETTINGS = { ...DV_UPDATE, action: 'network-only', keyAlgorithms: [] } as const

const COMPLETED: readonly CrashFlow[] = [
  { ...DV_NEW, name: 'DV, new', begin: post(dv) },
  { ...DV_UPDATE, name: 'DV, another name', action: 'modify-san', begin: put(withSans(dv)) },
  {
    ...DV_UPDATE,
    name: 'DV, renewal',
    action: 'renewal',
    namesStand: true,
    begin: put(dv, '?force-renewal=true'),
  },
  { ...DV_NEW, name: 'OV, new', validationType: 'ov', begin: post(vetted('ov')) },
  { ...DV_NEW, name: 'EV, new', validationType: 'ev', begin: post(vetted('ev')) },
  { ...OUTSIDE_NEW, name: 'third-party, new', begin: post(outside) },
  {
    ...OUTSIDE_NEW,
    name: 'third-party, new, dual-stacked',
    keyAlgorithms: ['ECDSA', 'RSA'],
    begin: post({ ...outside, enableMultiStackedCertificates: true }),
  },
  { ...OUTSIDE_UPDATE, name: 'third-party, change management', begin: put(withSans(released)) },
  {
    ...OUTSIDE_UPDATE,
    name: 'third-party, renewal',
    action: 'renewal',
    begin: put(released, '?force-renewal=true'),
  },
  {
    ...OUTSIDE_UPDATE,
    name: 'third-party, settings past staging meanwhile',
    rewrittenAt: 'wait-upload-third-party',
    async begin(instance, enrollment) {
      await put(withSans(released))(instance, enrollment)
      return put(withSettings(withSans(released)), '?allow-staging-bypass=true')(instance, enrollment)
    },
  },
  { ...SETTINGS, name: 'settings alone', begin: put(withSettings(dv)) },
  {
    ...SETTINGS,
    name: 'settings alone, past staging',
    stagingBypass: true,
    begin: put(withSettings(dv), '?allow-staging-bypass=true'),
  },
  { ...DV_UPDATE, name: 'removal', action: 'removal', keyAlgorithms: [], begin: remove },
]

/** Nothing of the change may be left, so no certificate is expected of it. */
const cancelled = (flow: CrashFlow & { readonly cancelledAt: ChangeStatus }): CrashFlow => ({
  ...flow,
  keyAlgorithms: [],
})

const CANCELLED: readonly CrashFlow[] = [
  cancelled({
    ...DV_NEW,
    name: 'DV, new, cancelled in domain validation',
    cancelledAt: 'coordinate-domain-validation',
    begin: post(dv),
  }),
  cancelled({
    ...DV_UPDATE,
    name: 'DV, another name, cancelled in domain validation',
    action: 'modify-san',
    cancelledAt: 'coordinate-domain-validation',
    begin: put(withSans(dv)),
  }),
  cancelled({
    ...OUTSIDE_UPDATE,
    name: 'third-party, cancelled before the upload',
    cancelledAt: 'wait-upload-third-party',
    begin: put(withSans(released)),
  }),
  cancelled({
    ...OUTSIDE_UPDATE,
    name: 'third-party, cancelled after staging',
    cancelledAt: 'wait-ack-change-management',
    begin: put(withSans(released)),
  }),
  cancelled({
    ...DV_UPDATE,
    name: 'DV, renewal, cancelled after staging',
    action: 'renewal',
    changeManagement: true,
    namesStand: true,
    cancelledAt: 'wait-ack-change-management',
    begin: put(dvReleased, '?force-renewal=true'),
  }),
  cancelled({
    ...SETTINGS,
    name: 'settings alone, cancelled after staging',
    changeManagement: true,
    cancelledAt: 'wait-ack-change-management',
    begin: put({ ...withSettings(dv), changeManagement: true }),
  }),
  cancelled({
    ...DV_UPDATE,
    name: 'DV, renewal, cancelled after production refused it',
    action: 'renewal',
    namesStand: true,
    fails: 'deploy-to-production',
    cancelledAt: 'deploy-cert-to-production',
    begin: put(dv, '?force-renewal=true'),
  }),
]

export const CRASH_FLOWS = [...COMPLETED, ...CANCELLED]

export interface CrashCase {
  readonly flow: CrashFlow
  readonly failpoint: string
}

export const effectsOf = (flow: CrashFlow): readonly PathStep[] => pathOf(flow, flow)

/** A cancelled flow is killed in its clean-ups: the way there is the way of the others. */
export const CRASH_CASES: readonly CrashCase[] = CRASH_FLOWS.flatMap((flow) => {
  const steps = effectsOf(flow).filter(({ cleansUp }) => cleansUp || flow.cancelledAt === undefined)
  return steps.flatMap((step) => failpointsOf(step, steps).map((failpoint) => ({ flow, failpoint })))
})

/** A step is called by its status where that says which one is meant, and by its effect. */
function failpointsOf({ status, effect }: PathStep, steps: readonly PathStep[]): readonly string[] {
  const step = steps.filter((other) => other.status === status).length === 1 ? status : effect
  return [`before:${step}`, `during:${effect}`, `after:${step}`]
}
