/** One record of RFC 8659 section 4.1. */
export interface CaaRecord {
  readonly flags: number
  readonly tag: string
  readonly value: string
}

export interface CaaQuestion {
  readonly isWildcard: boolean
  /** Names by which the CA knows itself in these records (its ACME directory's `caaIdentities`), for example `letsencrypt.org`. */
  readonly issuers: readonly string[]
  /** URL of the account at the CA (RFC 8657 section 3); null: not known, then no record is refused for naming one. */
  readonly accountUri: string | null
  /** By which the names could be proven, for example `http-01` (RFC 8657 section 4). */
  readonly methods: readonly string[]
}

export type CaaVerdict =
  /** `methods`: which of the question's are allowed; all where nothing restricts them. */
  | { readonly outcome: 'allowed'; readonly methods: readonly string[] }
  /** `forbidden`: no CA at all may issue. */
  | { readonly outcome: 'forbidden' }
  | {
      readonly outcome: 'other-issuer' | 'other-account' | 'other-method'
      /** Who may, as the records say it. */
      readonly issuers: readonly string[]
    }
  /** A critical property that nobody here understands (RFC 8659 section 4.1, flag bit 0). */
  | { readonly outcome: 'unknown-critical'; readonly tag: string }

const CRITICAL = 0x80
/** RFC 8659 section 4, RFC 9495 (`issuemail`), CA/Browser Forum (contact properties); `issuevmc` speaks of marks, not of servers. */
const KNOWN_TAGS: ReadonlySet<string> = new Set([
  'issue',
  'issuewild',
  'iodef',
  'issuemail',
  'issuevmc',
  'contactemail',
  'contactphone',
])

/** What a relevant record set (RFC 8659 section 3), never empty, says to this CA. */
export function judgeCaa(records: readonly CaaRecord[], question: CaaQuestion): CaaVerdict {
  const tagged = records.map((record) => ({ ...record, tag: record.tag.toLowerCase() }))
  const unknown = tagged.find(({ flags, tag }) => (flags & CRITICAL) !== 0 && !KNOWN_TAGS.has(tag))
  if (unknown !== undefined) return { outcome: 'unknown-critical', tag: unknown.tag }
  const issue = tagged.filter(({ tag }) => tag === 'issue')
  const issuewild = tagged.filter(({ tag }) => tag === 'issuewild')
  // RFC 8659 section 4.3: for a wildcard `issuewild` takes the place of `issue` where there is one.
  const relevant = question.isWildcard && issuewild.length > 0 ? issuewild : issue
  if (relevant.length === 0) return { outcome: 'allowed', methods: question.methods }
  const permissions = relevant.map(({ value }) => readPermission(value)).filter((one) => one !== null)
  const issuers = [...new Set(permissions.map(({ issuer }) => issuer))]
  if (permissions.length === 0) return { outcome: 'forbidden' }
  const ours = permissions.filter(({ issuer }) => question.issuers.includes(issuer))
  if (ours.length === 0) return { outcome: 'other-issuer', issuers }
  const forAccount = ours.filter((permission) => fitsAccount(permission, question))
  if (forAccount.length === 0) return { outcome: 'other-account', issuers }
  const methods = question.methods.filter((method) =>
    forAccount.some((permission) => fitsMethod(permission, method)),
  )
  if (methods.length === 0) return { outcome: 'other-method', issuers }
  return { outcome: 'allowed', methods }
}

interface Permission {
  readonly issuer: string
  readonly parameters: ReadonlyMap<string, string>
}

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
/** RFC 8659 section 4.2: printable ASCII without blanks and semicolon. */
const PARAMETER = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)$/

/** Null for what permits nobody: no issuer (`;`), or a value that does not follow the grammar (RFC 8659 section 4.2). */
function readPermission(value: string): Permission | null {
  const [first = '', ...rest] = value.split(';')
  const issuer = first.trim().toLowerCase()
  if (!issuer.split('.').every((label) => LABEL.test(label))) return null
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const text = part.trim()
    if (text === '') continue
    const match = PARAMETER.exec(text.replace(/^[^=]*/, (tag) => tag.toLowerCase()))
    const tag = match?.[1]
    // RFC 8657 section 3: the same parameter twice makes the property one that permits nobody.
    if (tag === undefined || parameters.has(tag)) return null
    parameters.set(tag, match?.[2] ?? '')
  }
  return { issuer, parameters }
}

function fitsAccount({ parameters }: Permission, { accountUri }: CaaQuestion): boolean {
  const wanted = parameters.get('accounturi')
  return wanted === undefined || accountUri === null || wanted === accountUri
}

function fitsMethod({ parameters }: Permission, method: string): boolean {
  const wanted = parameters.get('validationmethods')
  return wanted === undefined || wanted.split(',').includes(method)
}
