import { duration, smtpUrl, text, url } from './kinds.ts'
import { optional, setting } from './setting.ts'

/** By which ways people and watchdogs hear of Certrail. */
export const TELLING = {
  smtpUrl: optional(smtpUrl, {
    variable: 'CERTRAIL_SMTP_URL',
    unset: 'no mails; notices go to webhooks and `GET /certrail/v1/notices`',
    meaning:
      'mail server for notices: `smtp://user:password@host:587`, or `smtps://` for TLS from the first octet',
    secret: true,
  }),
  smtpFrom: setting(text, {
    variable: 'CERTRAIL_SMTP_FROM',
    default: 'certrail@localhost',
    meaning: 'who the mails are from',
  }),
  noticeDigest: setting(duration, {
    variable: 'CERTRAIL_NOTICE_DIGEST',
    default: { sandbox: 'PT10S', live: 'PT5M' },
    meaning: 'how long notices are gathered before one mail and one webhook call tell of them, in real time',
  }),
  heartbeatUrl: optional(url('https', 'http'), {
    variable: 'CERTRAIL_HEARTBEAT_URL',
    unset: 'no heartbeat',
    meaning:
      'what is asked (GET) as long as renewals go on, at a watchdog that raises an alarm when nothing comes (docs/watching.md)',
    secret: true,
  }),
  heartbeatPeriod: setting(duration, {
    variable: 'CERTRAIL_HEARTBEAT_PERIOD',
    default: 'PT1M',
    meaning: 'how often, in real time',
  }),
} as const
