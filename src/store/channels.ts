/** Names of the NOTIFY channels; each payload is described where it is read. */
export const CHANGE_CHANNEL = 'certrail_change'
export const CLOCK_CHANNEL = 'certrail_clock'
export const WAKE_CHANNEL = 'certrail_wake'
export const EDGE_CHANNEL = 'certrail_edge'
export const TRUST_CHANNEL = 'certrail_trust'

export const CHANNELS = [CHANGE_CHANNEL, CLOCK_CHANNEL, WAKE_CHANNEL, EDGE_CHANNEL, TRUST_CHANNEL]
