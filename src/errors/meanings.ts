import type { ProblemCode } from './catalogue.ts'

interface Meaning {
  readonly meaning: string
  /** What the caller can do about it. */
  readonly remedy: string
}

const LOOK_INTO_LOG = 'Look into the log under the id that `instance` ends with.'

/** What a problem says in full: the pages that `type` leads to, and docs/errors.md. */
export const MEANINGS: Readonly<Record<ProblemCode, Meaning>> = {
  'not-found': {
    meaning:
      'There is no such thing in this account, or what was asked for is not available at this step of the change.',
    remedy: 'Check the id and the account; look at `allowedInput` of the change.',
  },
  'cannot-cancel-pending-change': {
    meaning: 'The enrollment has a pending change, and the call would end it.',
    remedy: 'Wait for the change, cancel it, or say `allow-cancel-pending-changes=true`.',
  },
  'cannot-cancel': {
    meaning: 'The change is being pushed to production and can no longer be cancelled.',
    remedy: 'Wait until it is complete.',
  },
  'duplicate-cn': {
    meaning: 'Another enrollment of the account has this common name.',
    remedy: 'Use that enrollment, or say `allow-duplicate-cn=true`.',
  },
  'name-in-use': {
    meaning: 'A name of the request, or a wildcard over it, belongs to another account.',
    remedy: 'Have it removed there first.',
  },
  'zone-exists': {
    meaning: 'The account keeps a DNS zone of this name.',
    remedy: 'Update it, or delete it first.',
  },
  'set-in-use': {
    meaning: 'Enrollments name the trust-chain set: without it their names would be open to every client.',
    remedy: 'Take the set out of the enrollments that `enrollments` lists, and deploy that, first.',
  },
  'record-set-conflict': {
    meaning:
      'The record set cannot stand beside what the zone holds: it exists, would be alone or cannot be alone (RFC 1034 section 3.6.2), or the zone needs it.',
    remedy: 'Read the record sets of the zone; update what exists with PUT.',
  },
  'renewal-window': {
    meaning: 'The certificate is about to be renewed by itself.',
    remedy: 'Wait for the renewal, or say `renewal-date-check-override=true`.',
  },
  'hash-mismatch': {
    meaning: 'The acknowledgement names another content than the one that waits for it.',
    remedy: 'Read change-management-info again and acknowledge what it shows.',
  },
  'validation-error': {
    meaning:
      'The request cannot be taken as it is. `errors` names every bad member, and nothing was changed.',
    remedy: 'Mend what `errors` names.',
  },
  'malformed-json': { meaning: 'The body is missing, or is not JSON in UTF-8.', remedy: 'Send JSON.' },
  'malformed-request': {
    meaning: 'The request line, a header or the target can be read in more than one way, or not at all.',
    remedy: 'Send a plain path without `..`, `//` or encoded slashes, and one Host header.',
  },
  'invalid-contract': {
    meaning: 'The contract is not one of the account.',
    remedy: 'List the contracts of the account at /contract-api/v1/contracts/identifiers.',
  },
  'method-not-allowed': {
    meaning: 'The path is there, but not with this method.',
    remedy: 'Use one of those in `Allow`.',
  },
  'not-acceptable': {
    meaning: 'None of the media types in Accept is available here.',
    remedy: 'Accept one of those in `acceptable`, or leave Accept out for the newest.',
  },
  'request-timeout': {
    meaning: 'The request did not arrive whole in time.',
    remedy: 'Send it again.',
  },
  'payload-too-large': {
    meaning: 'The body is larger than this service reads.',
    remedy: 'Send less.',
  },
  'too-many-requests': {
    meaning: 'The account has made as many calls as its rate limits allow.',
    remedy: 'Call again at `X-RateLimit-Next`, or after `Retry-After` seconds.',
  },
  'too-many-certificate-requests': {
    meaning: 'The last enrollment of this contract was created too short a time ago.',
    remedy: 'Try again after `Retry-After` seconds.',
  },
  'quota-exceeded': {
    meaning: 'The account has as many of these as the installation lets it have.',
    remedy: 'Remove some that are not needed any more, or have the quota raised.',
  },
  'unsupported-media-type': {
    meaning: 'The Content-Type of the body is not understood here.',
    remedy: 'Send one of those in `supported`, or application/json for the newest.',
  },
  'headers-too-large': {
    meaning: 'The header of the request is larger than this service reads.',
    remedy: 'Send fewer or shorter headers.',
  },
  'too-many-credentials': {
    meaning: 'An API client has two live credentials already: the one in use and its successor.',
    remedy: 'Retire one of them.',
  },
  'locks-itself-out': {
    meaning: 'After the call, the client that makes it would be disabled, expired or without a credential.',
    remedy: 'Make the call with another client.',
  },
  'orders-open': {
    meaning: 'Names of open orders wait to be validated by what the present key of the CA account has made.',
    remedy: 'Wait for these changes, cancel them, or say that it may happen all the same (`force`).',
  },
  'key-reported': {
    meaning:
      'Somebody reported the key as compromised (`certrail reported-keys`): nothing is issued or deployed with it.',
    remedy: 'Cancel the change and begin again: the next one has a new key.',
  },
  'not-part-of-certrail': {
    meaning:
      'The path belongs to another product of the original service, which Certrail does not stand for.',
    remedy: 'See the OpenAPI document at /certrail/v1/openapi.json for what is here.',
  },
  'not-ready': {
    meaning: 'Something that the service needs is not there yet; `missing` names it.',
    remedy: 'Wait, or look into the log.',
  },
  'bad-request': {
    meaning: 'The Authorization header is missing, malformed, too old, or was seen before.',
    remedy: 'Sign each request anew, with a clock that is right.',
  },
  'not-authorized': {
    meaning: 'The signature does not match, or the client is not active.',
    remedy: 'Check the credential, and that nothing on the way alters path, query or body.',
  },
  forbidden: {
    meaning: 'The client does not have the grant that the request needs.',
    remedy: 'Use a client with another role, or a switch key that it may use.',
  },
  'internal-error': { meaning: 'A fault of the service.', remedy: LOOK_INTO_LOG },
  'authority-unavailable': {
    meaning: 'The certificate authority cannot be reached.',
    remedy: `It is tried again by itself. ${LOOK_INTO_LOG}`,
  },
  'authority-action-required': {
    meaning:
      'The certificate authority does nothing more for the account before a person has acted there: its terms of service have changed (RFC 8555 section 7.3.3).',
    remedy:
      'Open the page that `certrail authorities` names, agree there, and say so: `certrail authorities --agreed NAME`.',
  },
  'authority-refused': {
    meaning: 'The certificate authority refused the order.',
    remedy: LOOK_INTO_LOG,
  },
  'edge-unreachable': {
    meaning: 'An edge of a network cannot be reached.',
    remedy: `It is tried again by itself. ${LOOK_INTO_LOG}`,
  },
  'cannot-return': {
    meaning: 'Production may not, or cannot now, serve that generation (docs/going-back.md).',
    remedy: 'The detail says why; certrail generations lists those that may be served.',
  },
  'no-way-back': {
    meaning:
      'An edge does not show the new certificate, and what production served before expired, was revoked, or has a key that was reported: the new one stays where it was seen.',
    remedy: 'Mend the edges that the change names; it is tried again by itself (docs/going-back.md).',
  },
  'secret-unreadable': {
    meaning: 'A sealed secret cannot be opened with the key-encryption key that is there.',
    remedy: 'Bring back the key-encryption key that the home was made with.',
  },
  'malformed-certificate': {
    meaning: 'A text that should be a certificate cannot be read as one.',
    remedy: 'Send PEM as the certificate authority gave it.',
  },
  'malformed-signing-request': {
    meaning: 'A certificate signing request of the service itself cannot be read.',
    remedy: LOOK_INTO_LOG,
  },
  'database-unavailable': {
    meaning: 'The database cannot be reached for now.',
    remedy: 'Try again after `Retry-After`.',
  },
}
