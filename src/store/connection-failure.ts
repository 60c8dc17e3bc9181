/** SQLSTATE classes and codes by which PostgreSQL says that it is going, coming, or out of room (appendix A of its manual). */
const STATES = /^(08...|57P0[1-3]|53[1-3]00)$/
const SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
])
const SYSTEM_CALLS: ReadonlySet<string> = new Set(['connect', 'read', 'write'])
/** What the driver says without a code. */
const WORDS = /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/

/** Whether an error means that the database cannot be reached now, and not that something is wrong with what it was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown }
  if (typeof code === 'string' && STATES.test(code)) return true
  if (SYSTEM_CODES.has(String(code)) && SYSTEM_CALLS.has(String(syscall))) return true
  return WORDS.test(error.message)
}
