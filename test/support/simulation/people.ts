import type { UpdateEnrollment } from '../../../src/app/use-cases.ts'
import type { Change } from '../../../src/domain/change/change.ts'
import type { EnrollmentSettings } from '../../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../../src/domain/identifiers.ts'
import { DAY, plus } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import { dvSettings } from '../settings.ts'
import { thirdPartySettings } from '../third-party-settings.ts'
import { type Answers, answer, upload } from './answers.ts'
import { openChange } from './memory/tables.ts'
import { digestOf } from './seeded.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }

/** An enrollment as somebody wants it: any validation type, with and without change management, more names, one key for ever. */
export async function enroll({ draws, useCases, caller }: World, index: number): Promise<EnrollmentId> {
  const cn = `n${index}.example`
  const kind = draws.pick(['dv', 'dv', 'dv', 'ov', 'third-party', 'dual'])
  const changeManagement = draws.chance(0.5)
  const sans = draws.chance(0.3) ? [`www.${cn}`] : []
  const settings = settingsOf(kind, cn, sans)
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: { ...settings, changeManagement },
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })
  if (draws.chance(0.2)) await useCases.setKeepKey(caller, ref.enrollmentId, true)
  return ref.enrollmentId
}

function settingsOf(kind: string, cn: string, sans: readonly string[]): EnrollmentSettings {
  if (kind === 'dv') return dvSettings(cn, sans)
  if (kind === 'ov') return { ...dvSettings(cn, sans), ra: 'symantec', validationType: 'ov' }
  const settings = thirdPartySettings(cn)
  return { ...settings, enableMultiStackedCertificates: kind === 'dual', csr: { ...settings.csr, sans } }
}

/** One day of whoever looks after an enrollment. What is refused to them changes nothing. */
export async function act(world: World, id: EnrollmentId): Promise<void> {
  const { draws, store } = world
  const open = openChange(store.tables, id)
  try {
    if (open !== undefined) await actOn(world, open)
    else if (draws.chance(1 / 80)) await update(world, id)
    else if (draws.chance(1 / 400)) await remove(world, id)
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'internal-error') throw error
  }
}

/** They add and drop names, ask for a certificate out of turn, alter the network's settings; now, or for a day that may come too late. */
async function update({ draws, useCases, caller, now }: World, id: EnrollmentId): Promise<void> {
  const { settings } = await useCases.getEnrollment(caller, id)
  const { csr, networkConfiguration } = settings
  const what = draws.pick<'names' | 'network' | 'renewal'>(['names', 'network', 'renewal'])
  const altered = {
    names: { ...settings, csr: { ...csr, sans: draws.chance(0.5) ? [`x${draws.below(9)}.${csr.cn}`] : [] } },
    network: {
      ...settings,
      networkConfiguration: { ...networkConfiguration, quicEnabled: !networkConfiguration.quicEnabled },
    },
    renewal: settings,
  }[what]
  const wanted: UpdateEnrollment = {
    settings: () => altered,
    schedule: dates({ draws, now }),
    allowCancelPendingChanges: false,
    allowStagingBypass: what === 'network' && draws.chance(0.3),
    forceRenewal: what === 'renewal',
    renewalDateCheckOverride: true,
    allowMissingCertificateAddition: false,
  }
  await useCases.updateEnrollment(caller, id, wanted)
}

function dates({ draws, now }: Pick<World, 'draws' | 'now'>) {
  if (draws.chance(0.6)) return NO_SCHEDULE
  const notBefore = plus(now(), draws.below(draws.chance(0.3) ? 100 : 3) * DAY)
  return { notBefore, notAfter: draws.chance(0.3) ? plus(notBefore, (1 + draws.below(5)) * DAY) : null }
}

async function remove({ draws, useCases, caller, now }: World, id: EnrollmentId): Promise<void> {
  const notBefore = draws.chance(0.5) ? plus(now(), draws.below(20) * DAY) : null
  await useCases.removeEnrollment(caller, id, {
    schedule: { notBefore, notAfter: null },
    allowCancelPendingChanges: false,
  })
}

/** They acknowledge, upload, look away for days, deny and cancel, and put other dates. */
async function actOn(world: World, change: Change): Promise<void> {
  const { draws, useCases, caller, store, hands } = world
  const { id: changeId, enrollmentId, status, state } = change
  const ref = { enrollmentId, changeId }
  if (draws.chance(0.02)) {
    await useCases.cancelChange(caller, ref)
    hands.set(enrollmentId, world.now())
    return
  }
  if (draws.chance(0.01)) return useCases.setDeploymentSchedule(caller, ref, dates(world))
  if (state !== 'awaiting-input' || !draws.chance(diligenceFor(world, change))) return
  const answers = answersOf(world, change)
  const uploadsAgain = status === 'wait-review-third-party-cert' && draws.chance(0.3)
  if (uploadsAgain) await upload(world, change, answers)
  else if (!(await answer(world, change, answers))) return
  if (answers.word === 'deny') hands.set(enrollmentId, world.now())
  if (change.settings.validationType === 'third-party') hands.set(enrollmentId, world.now())
  // Invariant 2: after a 200 to an acknowledgement or an upload the next GET shows the new status.
  if (
    store.tables.changes.get(changeId)?.status === status &&
    store.tables.changes.get(changeId)?.state === state
  )
    throw new Violation(`an input to ${status} that cannot be seen`)
}

/** Whoever wants a first certificate looks after it; afterwards people are as they are. */
const diligenceFor = ({ diligence }: World, { action }: Change): number =>
  action === 'new-certificate' ? 0.4 : diligence

/** What a CA of theirs made is mostly right; sometimes for another key, without a name, or nearly over. */
const answersOf = ({ draws, now }: World, { status }: Change): Answers => ({
  word: status === 'wait-ack-change-management' && draws.chance(0.05) ? 'deny' : 'acknowledge',
  isPartial: draws.chance(0.2),
  slip: draws.pick([
    {},
    {},
    {},
    {},
    {},
    { key: digestOf('another') },
    { names: ['elsewhere.example'] },
    { notAfter: plus(now(), 5 * DAY) },
  ]),
})

/** The account lets its networks be touched at some hours, and not at all for some weeks. */
export async function setWindows({ draws, useCases, caller, now, windowsSet }: World): Promise<void> {
  const windows = draws.chance(0.6)
    ? [
        {
          cron: draws.pick(['0 22 * * 6', '0 3 * * *', '30 1 * * 2,4']),
          timeZone: draws.pick(['UTC', 'Europe/Berlin']),
          durationMinutes: 120,
        },
      ]
    : []
  const from = plus(now(), draws.below(20) * DAY)
  const freezes = draws.chance(0.3)
    ? [{ from, until: plus(from, (1 + draws.below(30)) * DAY), reason: 'freeze' }]
    : []
  await useCases.setMaintenance(caller, { windows, freezes })
  windowsSet.push(now())
}
