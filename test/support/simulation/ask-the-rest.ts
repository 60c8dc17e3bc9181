import { certificateId, contractId, deploymentId } from '../../../src/domain/identifiers.ts'
import { afterOrder } from '../../../src/domain/renewal/order-limit.ts'
import { UNRESTRICTED } from '../../../src/domain/plan/maintenance.ts'
import { DAY, HOUR, plus } from '../../../src/domain/time.ts'
import type { Repositories } from '../../../src/ports/store.ts'
import type { MemoryStore } from './memory/store.ts'
import type { Tables } from './memory/tables.ts'
import { ACCOUNT } from './world.ts'

/**
 * What not every life asks of the store in memory, so that it is compared all the same: over what such a life has left behind. What is written stands there or is
 * refused by both.
 */
export async function askTheRest(both: Repositories, { tables }: MemoryStore): Promise<void> {
  for (const change of [...tables.changes.values()].slice(-6)) {
    await both.changes.outline(ACCOUNT, change.enrollmentId, change.id)
    await both.events.ofChange(change.id)
    await both.handshakes.ofChange(change.id)
    await both.certificates.ofChange(change.id)
    await both.vettings.find(change.id)
    await both.changes.save({ ...change, nextAt: null })
    await both.changes.load(change.id)
  }
  await both.enrollments.list(ACCOUNT, contractId('1-SANDBOX'))
  for (const { id } of tables.enrollments.values()) await both.histories.validationsOf(id)
  await askOfPeople(both, tables)
  await askOfCertificates(both, tables)
  await askOfDeployments(both, tables)
  await askOfVetting(both, tables)
  await askOfRenewals(both, tables)
  await askOfNames(both, tables)
  await both.maintenances.put(ACCOUNT, UNRESTRICTED, last(tables.changes.values()).createdAt)
  await both.maintenances.of(ACCOUNT)
  await askOfRemoval(both, tables)
}

const last = <Row>(rows: Iterable<Row>): Row => {
  const row = [...rows].at(-1)
  if (row === undefined) throw new Error('that life has left nothing behind')
  return row
}

async function askOfCertificates(both: Repositories, tables: Tables): Promise<void> {
  const pair = last(tables.keyPairs.values())
  await both.certificates.insertKeyPair({ ...pair, signingRequestPem: 'another' })
  await both.certificates.keyPairsOf(pair.changeId)
  const certificate = last(tables.certificates.values())
  await both.certificates.insert({ ...certificate, serialNumber: 'another' })
  await both.certificates.ofChange(certificate.changeId)
  for (const at of [DAY, 2 * DAY])
    await both.certificates.noteRevoked(certificate.id, plus(certificate.createdAt, at))
  await both.certificates.revokedAmong([certificate.id])
  const report = {
    accountId: ACCOUNT,
    fingerprint: 'ab',
    everywhere: false,
    note: null,
    reportedBy: 'somebody',
    reportedAt: certificate.createdAt,
  }
  for (const note of [null, 'again']) await both.reportedKeys.add({ ...report, note })
  await both.reportedKeys.among(ACCOUNT, ['ab', 'cd'])
  for (let time = 0; time < 2; time += 1) await both.reportedKeys.remove(ACCOUNT, 'ab')
  await both.validations.save([...tables.validations.values()].slice(-2))
  await both.validations.currentOf(certificate.changeId)
  for (const published of [true, false]) await both.validations.setPublished(certificate.changeId, published)
  const upload = {
    ...certificate,
    id: certificateId('asked'),
    uploadedCertificate: 'leaf',
    uploadedChain: null,
  }
  await both.uploads.put(upload)
  await both.uploads.ofChange(upload.changeId)
  await both.uploads.keysOfOthers(ACCOUNT, ['ab'])
  await both.uploads.discard(upload.changeId)
  await both.uploads.ofChange(upload.changeId)
}

async function askOfDeployments(both: Repositories, tables: Tables): Promise<void> {
  const active = last([...tables.deployments.values()].filter(({ state }) => state === 'active'))
  await both.deployments.activeOfAccount(ACCOUNT)
  await both.deployments.activate(active.id, plus(active.createdAt, DAY))
  await both.deployments.proven(active.enrollmentId, active.network)
  await both.deployments.namesOfOthers(active.id)
  for (const name of [...active.servedNames, 'nobody.example'])
    await both.deployments.answering(active.network, name)
  const another = [...tables.deployments.values()].find(
    ({ enrollmentId }) => enrollmentId !== active.enrollmentId,
  )
  if (another !== undefined) {
    const { network, servedNames } = active
    const taker = {
      ...another,
      id: deploymentId('asked'),
      network,
      servedNames,
      generation: 99,
      state: 'pending',
      activatedAt: null,
    } as const
    await both.deployments.begin(taker)
    await both.deployments.namesOfOthers(active.id)
    await both.deployments.revert(taker.id)
    await both.deployments.namesOfOthers(active.id)
  }
  const comparison = { deploymentId: active.id, document: '{}', name: 'a.example', answeredBy: null }
  await both.comparisons.keep(comparison)
  await both.comparisons.find(active.id)
  const { settings } = last(tables.changes.at('enrollment', active.enrollmentId))
  await both.lifecycle.settle(active.enrollmentId, { ...settings, ra: 'symantec' })
  await both.lifecycle.settled(active.enrollmentId)
}

async function askOfVetting({ vettings }: Repositories, tables: Tables): Promise<void> {
  const { id, createdAt: at, settings } = last(tables.changes.values())
  for (const dueAt of [null, at]) await vettings.begin(id, ACCOUNT, dueAt)
  for (const approved of [true, false])
    await vettings.decide(id, { approved, reason: null, by: 'somebody', at })
  await vettings.find(id)
  for (const days of [2, 1, 3])
    await vettings.rememberOrganization(ACCOUNT, 'identity', settings.org, plus(at, days * DAY))
  await vettings.organizations(ACCOUNT)
  // Each store gives them ids of its own.
  await vettings.organization(ACCOUNT, 0)
  for (const identity of ['identity', 'nobody']) await vettings.organizationLike(ACCOUNT, identity)
}

async function askOfRenewals({ renewals, orderBudgets }: Repositories, tables: Tables): Promise<void> {
  const account = { name: 'ordered-by', directoryUrl: 'https://ca.example/directory' }
  const { enrollmentId, createdAt: at } = last(tables.changes.values())
  for (const id of [enrollmentId, ...(await renewals.plannedOf(ACCOUNT))]) await renewals.postpone(id, at)
  for (const id of tables.enrollments.values()) await renewals.planOf(id.id)
  await renewals.nextAt()
  await renewals.due(plus(at, 400 * DAY), 10)
  const asked = await renewals.toAsk(plus(at, 400 * DAY), 10)
  const live = { notBefore: at, notAfter: plus(at, DAY) }
  for (const of of [...asked, { id: enrollmentId, live }])
    await renewals.keepInformation(of, { start: at, end: plus(at, HOUR), explanationUrl: null }, at)
  await renewals.informationOf(enrollmentId)
  await renewals.askLater(enrollmentId, plus(at, HOUR))
  await renewals.keepKey(enrollmentId, true)
  const turns = [...tables.enrollments.at('planned', true)].map(({ id }) => ({ id, at: plus(at, HOUR) }))
  await renewals.hold(account.name, turns)
  for (const { id } of turns) await renewals.planOf(id)
  await renewals.heldBy(account.name)
  await renewals.heldCounts()
  await renewals.releaseHeld()
  await renewals.heldCounts()
  await renewals.nextAt()
  await renewals.replan(enrollmentId, plus(at, DAY))
  await renewals.take(enrollmentId, at)
  await renewals.planOf(enrollmentId)
  const limit = { orders: 3, periodMs: HOUR }
  const bucket = await orderBudgets.lock(account, limit, at)
  await orderBudgets.save(account, afterOrder(bucket, limit, at))
  await orderBudgets.lock(account, limit, plus(at, HOUR / 6))
}

async function askOfNames({ nameStandings }: Repositories, tables: Tables): Promise<void> {
  const { createdAt: at } = last(tables.changes.values())
  const times = { now: plus(at, 400 * DAY), againAt: plus(at, 401 * DAY) }
  const fault = { reason: 'led-elsewhere', text: 'It led to us.' } as const
  const lost = { stood: ['edges'], wasKnown: true, fault, looks: 2, since: at } as const
  const fine = { ...lost, fault: null, looks: 0, since: null }
  for (const of of await nameStandings.takeDue(times, 10)) {
    const names = [
      { name: 'lost.example', ...lost },
      { name: 'fine.example', ...fine },
    ]
    for (const live of [of.live, { ...of.live, notAfter: at }])
      await nameStandings.keep({ ...of, live }, names, at)
    await nameStandings.of(of.id)
  }
  await nameStandings.lostCounts()
  await nameStandings.takeDue(times, 1)
  await nameStandings.stop()
  await nameStandings.takeDue(times, 10)
  await nameStandings.lostCounts()
}

async function askOfPeople(both: Repositories, tables: Tables): Promise<void> {
  const { id: changeId, enrollmentId, createdAt: at } = last(tables.changes.values())
  const scope = { accountId: ACCOUNT, enrollmentId, network: 'production' } as const
  for (const reason of ['', 'another'])
    await both.pauses.put({ ...scope, reason, pausedBy: 'somebody', pausedAt: at })
  await both.pauses.covering(ACCOUNT, enrollmentId, 'production')
  await both.pauses.concerning(ACCOUNT)
  await both.pauses.remove(scope)
  await both.pauses.covering(ACCOUNT, enrollmentId, 'production')
  const { id: deploymentId, enrollmentId: pinned } = last(tables.deployments.values())
  for (const reason of ['', 'another'])
    await both.pins.put({
      enrollmentId: pinned,
      accountId: ACCOUNT,
      deploymentId,
      reason,
      pinnedBy: 'somebody',
      pinnedAt: at,
    })
  await both.pins.of(pinned)
  for (let time = 0; time < 2; time += 1) await both.pins.remove(pinned)
  await both.pins.of(pinned)
  await both.changes.release(scope, at)
  await both.changes.releaseFromWindows(ACCOUNT, at)
  await both.changes.openOf([enrollmentId])
  await both.enrollments.recordNames(ACCOUNT, enrollmentId, ['asked.example'])
  for (const hash of ['first', 'second'])
    await both.frozenContents.keep({ changeId, document: '{}', hash, frozenAt: at })
  await both.frozenContents.find(changeId)
  await both.frozenContents.discard(changeId)
  await both.frozenContents.find(changeId)
}

/** The last, since little is left afterwards. */
async function askOfRemoval(
  { lifecycle, certificates, deployments, enrollments }: Repositories,
  tables: Tables,
) {
  const { id: changeId, enrollmentId: id, createdAt: at } = last(tables.changes.values())
  for (const deployment of [...tables.deployments.at('enrollment', id)].slice(-1))
    await deployments.revert(deployment.id)
  await deployments.active(id)
  await lifecycle.wishRemoval(id, null)
  await lifecycle.removalWish(id)
  await lifecycle.withdraw(id)
  await certificates.destroyKeys(changeId, at)
  await certificates.keyPairsOf(changeId)
  await lifecycle.destroyKeys(id, at)
  await lifecycle.releaseSlots(id)
  await lifecycle.remove(id, at)
  await enrollments.find(ACCOUNT, id)
}
