import type { Observer } from '../app/dependencies.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'

/** One place where what happens becomes log lines and metrics. */
export const createObserver = (log: Logger, metrics: Metrics): Observer => ({
  changeMoved({ changeId, enrollmentId, event, status, state, seconds }) {
    log.info({ change: changeId, enrollment: enrollmentId, event, status, state }, 'change moved')
    metrics.changeMoved({ event, status, state })
    if (event === 'production-deployed') metrics.changeCompleted(seconds)
  },
  stepFailed({ changeId, effect, code, cause }) {
    log.warn({ change: changeId, effect, code, err: cause }, 'a step failed')
    metrics.stepFailed({ effect, code })
  },
  authorizationLost({ changeId, enrollmentId, domain, status, error }) {
    log.warn(
      { change: changeId, enrollment: enrollmentId, domain, status, error },
      'an authorization was lost; the name gets new tokens',
    )
    metrics.authorizationLost({ status })
  },
  gaveUp({ changeId, enrollmentId, action, status, code }) {
    log.error({ change: changeId, enrollment: enrollmentId, action, status, code }, 'a person has to act')
    metrics.changeGivenUp({ action, status })
  },
  renewalMoved({ enrollmentId, start, end, at }) {
    const [from, until, begins] = [start, end, at].map((moment) => new Date(moment).toISOString())
    log.info({ enrollment: enrollmentId, from, until, begins }, 'the CA says when it would like the renewal')
  },
  renewalsHeld({ account, count, until }) {
    const facts = { account, renewals: count, until: new Date(until).toISOString() }
    log.info(facts, 'renewals wait for the orders of a CA account')
  },
  recordLeftBehind({ changeId, zone, owner, error }) {
    log.warn({ change: changeId, zone, owner, error }, 'a TXT record could not be taken away')
    metrics.recordLeftBehind()
  },
  noticeFailed({ channel, id, attempt, givenUp, message }) {
    const facts = { channel, delivery: id, attempt, reason: message }
    if (givenUp) log.error(facts, 'a notice could not be delivered')
    else log.warn(facts, 'a notice is delivered again later')
    metrics.noticeFailed({ channel, given_up: String(givenUp) })
  },
  heldPastSafe({ changeId, enrollmentId, reason }) {
    log.error(
      { change: changeId, enrollment: enrollmentId, reason },
      'production will expire: a person holds it',
    )
    metrics.heldPastSafe()
  },
  noWayBack({ changeId, enrollmentId, reason }) {
    log.error(
      { change: changeId, enrollment: enrollmentId, reason },
      'production is served in part, and cannot go back',
    )
    metrics.noWayBack()
  },
  adopted({ kind, id, accountId }) {
    log.warn({ kind, id, account: accountId }, 'made on first use (CERTRAIL_SANDBOX_ADOPT)')
  },
  handshakeSeen({ network, enrollmentId, serverName, notAfter }) {
    log.info({ network, enrollment: enrollmentId, serverName, notAfter }, 'handshake seen')
  },
})
