import { firstToExpire } from '../domain/certificate/first-to-expire.ts'
import { acknowledgementDeadline } from '../domain/change/acknowledgement-deadline.ts'
import type { Change } from '../domain/change/change.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { NETWORKS, type Network } from '../domain/network.ts'
import type { Hold } from '../domain/plan/hold.ts'
import { pinHold } from '../domain/plan/pin.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import type { PauseRecord, PauseScope } from '../ports/pauses.ts'
import type { Repositories } from '../ports/store.ts'
import { liveCertificates } from './live-certificates.ts'

type Held = Pick<Change, 'accountId' | 'enrollmentId'> & Partial<Pick<Change, 'action'>>

/** What keeps changes of the enrollment from the network now, by a person's word. */
export async function holdsOf(
  read: Repositories,
  { accountId, enrollmentId, action }: Held,
  network: Network,
  now: Instant,
): Promise<readonly Hold[]> {
  const pauses = (await read.pauses.covering(accountId, enrollmentId, network)).map(pauseHold)
  // Who takes the enrollment away takes its pin away with it.
  if (network === 'staging' || action === 'removal') return pauses
  const pin = await pinOf(read, enrollmentId, now)
  return pin === null ? pauses : [...pauses, pin]
}

async function pinOf(read: Repositories, id: EnrollmentId, now: Instant): Promise<Hold | null> {
  const pin = await read.pins.of(id)
  if (pin === null) return null
  const [proven, live] = await Promise.all([read.deployments.proven(id, 'production'), liveLimits(read, id)])
  const pinned = proven.find(({ deployment }) => deployment.id === pin.deploymentId)
  return pinHold({ ...pin, generation: pinned?.number ?? null }, live?.lastSafe ?? null, now)
}

/** Of either network; a pause of both is said once. */
export async function allHoldsOf(read: Repositories, held: Held, now: Instant): Promise<readonly Hold[]> {
  const all = await Promise.all(NETWORKS.map((network) => holdsOf(read, held, network, now)))
  return [...new Map(all.flat().map((hold) => [hold.text, hold])).values()]
}

const pauseHold = (pause: PauseRecord): Hold => ({
  kind: 'pause',
  text: `Deployments ${coverOf(pause)} are paused since ${toWireTime(pause.pausedAt)} by ${pause.pausedBy}${pause.reason === '' ? '' : ` (${pause.reason})`}, until somebody resumes them, also when what production serves expires: ${resumeCommand(pause)}.`,
})

function coverOf({ accountId, enrollmentId, network }: PauseScope): string {
  const whose =
    accountId === null
      ? 'of the whole installation'
      : enrollmentId === null
        ? 'of the account'
        : `of enrollment ${enrollmentId}`
  return network === null ? whose : `${whose} to ${network}`
}

function resumeCommand({ accountId, enrollmentId, network }: PauseScope): string {
  const whose = accountId === null ? ' --installation' : enrollmentId === null ? '' : ` ${enrollmentId}`
  return `certrail resume${whose}${network === null ? '' : ` --network ${network}`}`
}

/** Until when what production serves is safe, and when it ends; null: it serves nothing of the enrollment. */
export async function liveLimits(
  read: Repositories,
  id: EnrollmentId,
): Promise<{ readonly lastSafe: Instant; readonly expires: Instant } | null> {
  const certificates = await liveCertificates(read, id)
  const lastSafe = acknowledgementDeadline(certificates)
  const first = firstToExpire(certificates)
  return first === undefined || lastSafe === null ? null : { lastSafe, expires: first.notAfter }
}
