import type { Effect } from './outcome.ts'

/**
 * On entering the acknowledgement nothing is left to be frozen by itself: certificates and settings of a change are written once, and what would alter them
 * (a new upload, another chain, other settings) is another event that leaves this status. The wait is over for whoever watches from here on.
 */
export const freezeContent: Effect = async () => ({ kind: 'done' })
