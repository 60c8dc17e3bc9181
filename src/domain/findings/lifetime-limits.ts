/** CPS API: `CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS`. A longer life is told as a warning, under whatever root (spec: behaviour G2). */
export const LONGEST_WARNED_DAYS = 397
