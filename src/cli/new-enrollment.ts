import { wrongUsage } from './failure.ts'

export const ENROLLMENT_TYPES = ['dv', 'ov', 'ev', 'third-party'] as const
export type EnrollmentType = (typeof ENROLLMENT_TYPES)[number]

export interface EnrollmentWishes {
  /** The first is the common name. Empty only with `base`. */
  readonly names: readonly string[]
  readonly type: EnrollmentType | null
  readonly changeManagement: boolean
  /** An enrollment (CPS API: Enrollment), whole or in part, whose members win over our defaults and lose against the wishes; those of `csr` and `networkConfiguration` one by one. */
  readonly base: Readonly<Record<string, unknown>> | null
}

const AUTHORITIES: Readonly<Record<EnrollmentType, string>> = {
  dv: 'lets-encrypt',
  ov: 'symantec',
  ev: 'symantec',
  'third-party': 'third-party',
}

/** The body of POST /enrollments: the wishes, filled up with defaults that the service accepts (spec: behaviour G5 to G7). */
export function newEnrollment(wishes: EnrollmentWishes): Readonly<Record<string, unknown>> {
  const base = wishes.base ?? {}
  const baseSubject = recordIn(base, 'csr')
  const [cn, ...sans] = wishes.names.length > 0 ? wishes.names : namesIn(baseSubject)
  if (cn === undefined) throw wrongUsage('A name is missing: certrail enroll NAME…, or csr.cn in --file.')
  const names = [cn, ...sans]
  const said = ENROLLMENT_TYPES.find((type) => type === base['validationType'])
  return {
    ...sharedDefaults(cn),
    ...typeMembers(said ?? 'dv', names),
    ...base,
    ...(wishes.type === null ? {} : typeMembers(wishes.type, names)),
    ...(wishes.changeManagement ? { changeManagement: true } : {}),
    networkConfiguration: { ...NETWORK_DEFAULTS, ...recordIn(base, 'networkConfiguration') },
    csr: { ...subjectDefaults(cn), ...baseSubject, cn, sans },
  }
}

/** Members that belong together, so a type on the command line replaces all of them. */
function typeMembers(type: EnrollmentType, names: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ra: AUTHORITIES[type],
    validationType: type,
    certificateType: certificateType(type, names),
    signatureAlgorithm: type === 'third-party' ? null : 'SHA-256',
    thirdParty: type === 'third-party' ? { excludeSans: false } : null,
  }
}

function certificateType(type: EnrollmentType, names: readonly string[]): string {
  if (type === 'third-party') return 'third-party'
  if (type === 'dv') return 'san'
  const wildcard = type === 'ov' && names.some((name) => name.startsWith('*.'))
  if (names.length > 1) return wildcard ? 'wildcard-san' : 'san'
  return wildcard ? 'wildcard' : 'single'
}

function sharedDefaults(cn: string): Readonly<Record<string, unknown>> {
  return {
    certificateChainType: 'default',
    changeManagement: false,
    enableMultiStackedCertificates: false,
    org: { name: organizationOf(cn), ...ADDRESS, phone: PHONE },
    adminContact: contact(cn, 'Administrative'),
    techContact: contact(cn, 'Technical'),
  }
}

const NETWORK_DEFAULTS: Readonly<Record<string, unknown>> = {
  geography: 'core',
  secureNetwork: 'enhanced-tls',
  mustHaveCiphers: 'ak-akamai-2020q1',
  preferredCiphers: 'ak-akamai-2020q1',
  disallowedTlsVersions: [],
  sniOnly: true,
  quicEnabled: false,
  ocspStapling: 'on',
  dnsNameSettings: null,
  clientMutualAuthentication: null,
}

const PHONE = '+1 555 0100'
const ADDRESS = {
  addressLineOne: '1 Example Street',
  addressLineTwo: null,
  city: 'Cambridge',
  region: 'MA',
  postalCode: '02142',
  country: 'US',
}

const organizationOf = (cn: string): string => `Owner of ${cn.replace(/^\*\./, '')}`.slice(0, 64)

const subjectDefaults = (cn: string): Readonly<Record<string, unknown>> => ({
  c: ADDRESS.country,
  st: ADDRESS.region,
  l: ADDRESS.city,
  o: organizationOf(cn),
  ou: null,
})

const contact = (cn: string, role: string): Readonly<Record<string, unknown>> => ({
  firstName: role,
  lastName: 'Contact',
  phone: PHONE,
  email: `hostmaster@${cn.replace(/^\*\./, '')}`,
  title: null,
  organizationName: organizationOf(cn),
  ...ADDRESS,
})

export function recordIn(
  base: Readonly<Record<string, unknown>>,
  member: string,
): Readonly<Record<string, unknown>> {
  const value = base[member]
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function namesIn(subject: Readonly<Record<string, unknown>>): readonly string[] {
  const { cn, sans } = subject as { cn?: unknown; sans?: unknown }
  if (typeof cn !== 'string') return []
  const others = Array.isArray(sans)
    ? sans.filter((san): san is string => typeof san === 'string' && san !== cn)
    : []
  return [cn, ...others]
}
