/** What somebody is told of, and how it reads in the subject of a mail. */
export const OCCASIONS = {
  'input-needed': 'input is needed',
  'challenges-to-place': 'challenges have to be placed',
  'validation-refused': 'a certificate authority refused a name',
  'validation-lost': 'a name cannot be proven as before',
  'renewal-begun': 'a renewal has begun',
  'deadline-near': 'a deadline is near',
  'expiry-near': 'a certificate expires soon',
  superseded: 'a change was ended for a renewal',
  failure: 'something failed',
  deployed: 'a certificate was deployed',
  'clock-moved': 'a clock has moved, and nothing is issued',
  held: 'a renewal is held back',
  'held-past-safe': 'production will expire: a person holds the renewal back',
  'no-way-back': 'production is served in part, and cannot go back: a person has to act',
  'pin-ended': 'a pin has given way: production serves a newer certificate',
  conflict: 'something stands in the way of a renewal',
} as const

export type Occasion = keyof typeof OCCASIONS
export const OCCASION_NAMES = Object.keys(OCCASIONS) as readonly Occasion[]

/** The most urgent first: a digest takes its subject from its first notice. */
export const URGENCY: readonly Occasion[] = [
  'no-way-back',
  'clock-moved',
  'held-past-safe',
  'expiry-near',
  'pin-ended',
  'failure',
  'superseded',
  'deadline-near',
  'conflict',
  'validation-lost',
  'held',
  'validation-refused',
  'input-needed',
  'challenges-to-place',
  'renewal-begun',
  'deployed',
]
