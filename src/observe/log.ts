import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** What must never be written, wherever it stands in a logged object. */
const REDACTED = [
  'authorization',
  '*.authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.clientSecret',
  'clientSecret',
  '*.privateKey',
  'privateKey',
  '*.password',
  'password',
  '*.connectionString',
  'connectionString',
]

/** JSON lines on stdout, one object each, synchronous: what was logged before a crash is there after it. */
export const createLog = (level: string): Logger =>
  pino(
    { level, base: null, redact: REDACTED, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  )
