import { advanceUnlessTurned, resumeAdvance } from '../app/advance-clock.ts'
import { tellConflicts } from '../app/notices/conflict-notices.ts'
import { askRenewalInformation } from '../app/renewal-information.ts'
import { runRenewals } from '../app/renewals.ts'
import { takeAwayRecords } from '../app/take-away-records.ts'
import { lookAtNamesUnlessTurned } from '../app/watch/look-at-names.ts'
import { lookAtServed } from '../app/watch/look-at-served.ts'
import { every } from '../jobs/every.ts'
import { startWorker } from '../jobs/worker.ts'
import { createWakeUps } from '../store/wake-ups.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startNotices } from './notices.ts'
import type { ServiceParts, Services } from './services.ts'

const WORKER_CONCURRENCY = 8
/** The other quarter is for what people wait for. */
const ENGINE_CONCURRENCY = 6
const DUE_AT_ONCE = 500
const RENEWALS_EVERY_MS = 60_000
/** How soon after its issuance a CA is asked when it would like a certificate to be renewed; how often after that is the CA's word. */
const QUESTIONS_EVERY_MS = 5_000
/** How soon what stands in the way of a renewal is found; what nothing happened to is not looked at. */
const CONFLICTS_EVERY_MS = 20_000
/** How soon names are looked at after they were proven, and what of a backlog is looked at; each enrollment by itself far more rarely. */
const NAMES_EVERY_MS = 60_000
const REMOVALS_EVERY_MS = 60_000
const STAPLES_EVERY_MS = 30_000
/** How soon what was just deployed is looked at again, and how soon trouble is; each by itself is looked at more rarely. */
const LOOKS_EVERY_MS = 20_000
/** How long the clock stands at most after the process that turned it was killed, while another one lives. */
const RESUME_EVERY_MS = 10_000

/** The worker that carries changes forward. */
export async function startJobs(
  { foundation, settings, log, closers }: ServiceParts,
  { jobDeps: deps, metrics, stapling }: Services,
): Promise<void> {
  const worker = await startWorker({
    concurrency: WORKER_CONCURRENCY,
    engineConcurrency: ENGINE_CONCURRENCY,
    log,
    wakeUps: createWakeUps(foundation.notes),
    due: () => deps.store.read.changes.forWorkers(deps.clocks.lifecycle.now(), DUE_AT_ONCE),
    advance: (id, signal) => advanceUnlessTurned(deps, id, signal),
    onStarted: metrics.jobStarted,
    realNow: () => deps.clocks.real.now(),
  })
  closers.add('jobs', () => worker.close())
  const ended = new AbortController()
  const again = (name: string, everyMs: number, work: Parameters<typeof every>[1]): void => {
    const running = every(everyMs, work, log)
    closers.add(name, () => {
      ended.abort()
      return running.close()
    })
  }
  await deps.store.read.renewals.releaseHeld()
  let lastRound = deps.clocks.real.now()
  const renew = async () => {
    await runRenewals(deps)
    lastRound = deps.clocks.real.now()
  }
  await renew()
  again('renewals', RENEWALS_EVERY_MS, renew)
  startHeartbeat({ deps, settings, metrics, lastRound: () => lastRound, log, closers })
  again('conflicts of plans', CONFLICTS_EVERY_MS, async () => void (await tellConflicts(deps)))
  again('questions for renewal information', QUESTIONS_EVERY_MS, async () => {
    if ((await askRenewalInformation(deps)) > 0) await runRenewals(deps)
  })
  if (deps.standingLook === null) await deps.store.read.nameStandings.stop()
  else again('looks at names', NAMES_EVERY_MS, () => lookAtNamesUnlessTurned(deps, ended.signal))
  again('removals of TXT records', REMOVALS_EVERY_MS, () => takeAwayRecords(deps, null, ended.signal))
  again('OCSP responses', STAPLES_EVERY_MS, () => stapling.refresh(ended.signal))
  again('looks at what is served', LOOKS_EVERY_MS, async () => void (await lookAtServed(deps, ended.signal)))
  startNotices({ deps, settings, log, closers })
  resumeAdvance(deps).catch((error: unknown) =>
    log.error({ err: error }, 'an advance of the clock did not go on'),
  )
  again('advance of the clock', RESUME_EVERY_MS, () => resumeAdvance(deps))
}
