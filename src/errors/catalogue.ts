/** Every refusal and fault there is. Titles are compared by clients (spec/behaviour.md E3): never reword one. Proven equal to docs/errors.md. */
interface CatalogueRow {
  readonly status: number
  readonly title: string
  /** `cps`: type URL below /cps/v2/error-types; `gateway`: the luna URL of EdgeGrid errors; `certrail`: ours; `quota`: a bare text; `internal`: never rendered with detail. */
  readonly family:
    | 'cps'
    | 'pep-authn/request-error'
    | 'pep-authn/deny'
    | 'pep-authz/deny'
    | 'certrail'
    | 'quota'
    | 'internal'
}

export const CATALOGUE = {
  'not-found': { status: 404, title: 'Not Found', family: 'cps' },
  'cannot-cancel-pending-change': { status: 409, title: 'Cannot cancel pending change.', family: 'cps' },
  'cannot-cancel': { status: 409, title: 'Cannot cancel the change', family: 'cps' },
  'duplicate-cn': { status: 409, title: 'Duplicate common name', family: 'cps' },
  'name-in-use': { status: 409, title: 'Name in use by another account', family: 'cps' },
  'zone-exists': { status: 409, title: 'Zone exists', family: 'certrail' },
  'set-in-use': { status: 409, title: 'Trust-chain set in use', family: 'certrail' },
  'record-set-conflict': { status: 409, title: 'Record set conflict', family: 'certrail' },
  'renewal-window': { status: 409, title: 'Inside the renewal window', family: 'cps' },
  'hash-mismatch': { status: 409, title: 'Hash mismatch', family: 'cps' },
  'validation-error': { status: 400, title: 'Validation Error', family: 'cps' },
  'malformed-json': { status: 400, title: 'Malformed JSON', family: 'cps' },
  'malformed-request': { status: 400, title: 'Malformed request', family: 'cps' },
  'invalid-contract': { status: 403, title: 'invalid contract', family: 'cps' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed', family: 'cps' },
  'not-acceptable': { status: 406, title: 'Not Acceptable', family: 'cps' },
  'request-timeout': { status: 408, title: 'Request Timeout', family: 'cps' },
  'payload-too-large': { status: 413, title: 'Payload Too Large', family: 'cps' },
  'too-many-requests': { status: 429, title: 'HTTP 429 - Too many requests', family: 'quota' },
  'too-many-certificate-requests': { status: 409, title: 'Too many certificate requests', family: 'cps' },
  'quota-exceeded': { status: 403, title: 'Quota exceeded', family: 'cps' },
  'unsupported-media-type': { status: 415, title: 'Unsupported Media Type', family: 'cps' },
  'headers-too-large': { status: 431, title: 'Request Header Fields Too Large', family: 'cps' },
  'too-many-credentials': { status: 409, title: 'Too many credentials', family: 'certrail' },
  'locks-itself-out': { status: 409, title: 'The client would lock itself out', family: 'certrail' },
  'cannot-return': { status: 409, title: 'Cannot go back to that generation', family: 'certrail' },
  'orders-open': { status: 409, title: 'Orders are open', family: 'certrail' },
  'key-reported': { status: 409, title: 'Key reported as compromised', family: 'certrail' },
  'not-part-of-certrail': { status: 404, title: 'Not part of Certrail', family: 'certrail' },
  'not-ready': { status: 503, title: 'Not ready', family: 'certrail' },
  'bad-request': { status: 400, title: 'Bad request', family: 'pep-authn/request-error' },
  'not-authorized': { status: 401, title: 'Not authorized', family: 'pep-authn/deny' },
  forbidden: { status: 403, title: 'Forbidden', family: 'pep-authz/deny' },
  'internal-error': { status: 500, title: 'Internal Server Error', family: 'internal' },
  'authority-unavailable': {
    status: 500,
    title: 'The certificate authority cannot be reached',
    family: 'internal',
  },
  'authority-action-required': {
    status: 409,
    title: 'The certificate authority wants a person to act',
    family: 'certrail',
  },
  'authority-refused': { status: 500, title: 'The certificate authority refused', family: 'internal' },
  'edge-unreachable': { status: 500, title: 'An edge cannot be reached', family: 'internal' },
  'no-way-back': {
    status: 500,
    title: 'Production is served in part, and cannot go back',
    family: 'internal',
  },
  'secret-unreadable': { status: 500, title: 'A sealed secret cannot be opened', family: 'internal' },
  'malformed-certificate': { status: 400, title: 'Malformed certificate', family: 'cps' },
  'malformed-signing-request': {
    status: 500,
    title: 'Malformed certificate signing request',
    family: 'internal',
  },
  'database-unavailable': { status: 503, title: 'The database cannot be reached', family: 'certrail' },
} as const satisfies Record<string, CatalogueRow>

export type ProblemCode = keyof typeof CATALOGUE
