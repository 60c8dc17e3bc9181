import { formDeliveries } from '../app/notices/form-deliveries.ts'
import { sendDeliveries } from '../app/notices/send-deliveries.ts'
import type { Dependencies } from '../app/dependencies.ts'
import { every } from '../jobs/every.ts'
import { createMailer } from '../notices/mailer.ts'
import { createWebhookCaller, signHmac } from '../notices/webhook.ts'
import type { Logger } from '../observe/log.ts'
import { createOutboundFetch } from '../outbound/guarded-fetch.ts'
import { systemAddresses } from '../outbound/system-addresses.ts'
import type { Closers } from './closers.ts'
import type { ServiceSettings } from './settings.ts'

const TIMEOUT_MS = 10_000
/** Of the time in which notices are gathered: how often those that failed are looked at. */
const RETRY_LOOK_SHARE = 1 / 5
const ANSWER_LIMIT_BYTES = 4_096

/** What a test hurries along. */
export interface NoticeWork {
  form(): Promise<number>
  send(): Promise<number>
}

export function createNoticeWork(
  deps: Dependencies,
  settings: ServiceSettings,
  stopped: AbortSignal,
): NoticeWork {
  const sendMail = settings.mail === null ? null : createMailer({ ...settings.mail, timeoutMs: TIMEOUT_MS })
  const fetch = createOutboundFetch({
    resolve: systemAddresses,
    targets: settings.targets,
    timeoutMs: TIMEOUT_MS,
    bodyLimitBytes: ANSWER_LIMIT_BYTES,
    trust: 'system',
    schemes: deps.plainWebhooks ? ['https:', 'http:'] : ['https:'],
  })
  const around = { ...deps, sendMail, callWebhook: createWebhookCaller(fetch), sign: signHmac }
  return { form: () => formDeliveries(deps), send: () => sendDeliveries(around, stopped) }
}

/** Gathers for a while, and sends what was gathered, or failed before, soon. */
export function startNotices({
  deps,
  settings,
  log,
  closers,
}: {
  readonly deps: Dependencies
  readonly settings: ServiceSettings
  readonly log: Logger
  readonly closers: Closers
}): void {
  const stopped = new AbortController()
  const work = createNoticeWork(deps, settings, stopped.signal)
  const send = async () => void (await work.send())
  const formAndSend = async () => ((await work.form()) > 0 ? send() : undefined)
  const forms = every(settings.noticeDigestMs, formAndSend, log)
  const sends = every(settings.noticeDigestMs * RETRY_LOOK_SHARE, send, log)
  closers.add('notices', async () => {
    stopped.abort()
    await Promise.all([forms.close(), sends.close()])
  })
}
