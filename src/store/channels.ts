/** Names of the NOTIFY channels; each payload is described where it is read. */
export const CHANGE_CHANNEL = 'certrail_change'
export const CLOCK_CHANNEL = 'certrail_clock'
export const EDGE_CHANNEL = 'certrail_edge'
