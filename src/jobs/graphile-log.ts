import { Logger as GraphileLogger } from 'graphile-worker'
import type { Logger } from '../observe/log.ts'

/** Its own chatter is debug for us; what it calls an error is one. Payloads hold ids alone. */
export const graphileLogger = (log: Logger): GraphileLogger =>
  new GraphileLogger(() => (level, message, meta) => {
    if (level === 'error') log.error({ meta }, message)
    else if (level === 'warning') log.warn({ meta }, message)
    else log.debug({ meta }, message)
  })
