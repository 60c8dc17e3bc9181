/**
 * What no text of a request may hold: NUL and lone surrogates, which PostgreSQL cannot store; other control characters, which steer terminals and logs; and
 * what turns the direction of writing (UAX #9, explicit formatting), by which a text can show another one than it is.
 */
const MISLEADING = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u

export const isPlainText = (text: string): boolean => !MISLEADING.test(text)

export const NOT_PLAIN_TEXT = 'holds characters that no text may hold'
