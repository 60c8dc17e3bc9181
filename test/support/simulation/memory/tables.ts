import type { Change } from '../../../../src/domain/change/change.ts'
import { isOpen } from '../../../../src/domain/change/vocabulary.ts'
import type { Enrollment, EnrollmentSettings } from '../../../../src/domain/enrollment/enrollment.ts'
import type {
  CertificateId,
  ChangeId,
  DeploymentId,
  EnrollmentId,
} from '../../../../src/domain/identifiers.ts'
import type { Maintenance } from '../../../../src/domain/plan/maintenance.ts'
import type { OrderBucket } from '../../../../src/domain/renewal/order-limit.ts'
import type { RenewalWindow } from '../../../../src/domain/renewal/renewal-window.ts'
import type { Validity } from '../../../../src/domain/renewal/renewal-start.ts'
import { instant, type Instant } from '../../../../src/domain/time.ts'
import type { CertificateRecord, KeyPairRecord } from '../../../../src/ports/certificates.ts'
import type { ChangeEventRecord } from '../../../../src/ports/change-events.ts'
import type { DeploymentRecord } from '../../../../src/ports/deployments.ts'
import type { PinRecord } from '../../../../src/ports/pins.ts'
import type { ReportedKey } from '../../../../src/ports/reported-keys.ts'
import type { RemovalWish } from '../../../../src/ports/enrollment-lifecycle.ts'
import type { ComparisonRecord } from '../../../../src/ports/comparisons.ts'
import type { FrozenContent } from '../../../../src/ports/frozen-contents.ts'
import type { HandshakeRecord } from '../../../../src/ports/handshakes.ts'
import type { SeenChange } from '../../../../src/ports/plan-looks.ts'
import type { KnownName } from '../../../../src/domain/validation/name-standing.ts'
import type { ToldConflict } from '../../../../src/domain/plan/told-conflicts.ts'
import type { NoticeRecord } from '../../../../src/ports/notices.ts'
import type { PauseRecord } from '../../../../src/ports/pauses.ts'
import type { UploadRecord } from '../../../../src/ports/uploads.ts'
import type { NameValidationRecord } from '../../../../src/ports/validations.ts'
import type { KnownOrganization, VettingRecord } from '../../../../src/ports/vetting.ts'
import { createTable, type Journal, type Table } from './journal.ts'

export interface KeptEnrollment extends Enrollment {
  readonly names: readonly string[]
  readonly settled: EnrollmentSettings | null
  readonly renewAt: Instant | null
  /** Of what production serves, the first to expire. */
  readonly live: Validity | null
  /** The CA account whose turn its renewal waits for, and since when. */
  readonly heldBy: string | null
  readonly heldSince: Instant | null
  /** When its CA is asked, how often in a row it could not be, and what it last said. */
  readonly askAt: Instant | null
  readonly askFailures: number
  readonly window: RenewalWindow | null
  readonly keepKey: boolean
  readonly removedAt: Instant | null
  readonly removalWish: RemovalWish | null
  /** Null `at`: not by time. */
  readonly planLook: { readonly at: Instant | null; readonly seen: SeenChange | null }
  readonly toldConflicts: readonly ToldConflict[]
  /** When its names are looked at, and what is known of them. */
  readonly namesLookAt: Instant | null
  readonly knownNames: readonly KnownName[]
}

/** What is not live has nothing to renew. */
export const UNPLANNED = {
  renewAt: null,
  live: null,
  heldBy: null,
  heldSince: null,
  askAt: null,
  askFailures: 0,
  window: null,
  namesLookAt: null,
  knownNames: [],
} as const

export type KeptCertificate = CertificateRecord &
  Partial<Pick<UploadRecord, 'uploadedCertificate' | 'uploadedChain'>> & {
    readonly superseded: boolean
    readonly revokedAt?: Instant
  }

export type KeptNotice = NoticeRecord & { readonly id: number; readonly done: boolean }

/** What the lifecycle keeps; each table by its key, with the indexes that its reads go by. */
export interface Tables {
  readonly enrollments: Table<EnrollmentId, KeptEnrollment>
  readonly changes: Table<ChangeId, Change>
  readonly events: Table<number, ChangeEventRecord>
  /** `change algorithm`. */
  readonly keyPairs: Table<string, KeyPairRecord>
  readonly certificates: Table<CertificateId, KeptCertificate>
  /** `change name generation`. */
  readonly validations: Table<string, NameValidationRecord>
  readonly deployments: Table<DeploymentId, DeploymentRecord>
  readonly pins: Table<EnrollmentId, PinRecord>
  /** Which of the proven ones of its enrollment and network it was. */
  readonly proven: Table<DeploymentId, number>
  /** `network name`: who answers it. */
  readonly names: Table<string, DeploymentId>
  readonly handshakes: Table<number, HandshakeRecord>
  readonly comparisons: Table<DeploymentId, ComparisonRecord>
  readonly frozen: Table<ChangeId, FrozenContent>
  readonly maintenances: Table<string, Maintenance>
  readonly notices: Table<number, KeptNotice>
  readonly vettings: Table<ChangeId, VettingRecord>
  /** `account identity`. */
  readonly organizations: Table<string, KnownOrganization>
  /** `name directory`. */
  readonly budgets: Table<string, OrderBucket>
  /** `account enrollment network`. */
  readonly pauses: Table<string, PauseRecord>
  /** `account fingerprint`. */
  readonly reportedKeys: Table<string, ReportedKey>
}

const ofChange = ({ changeId }: { readonly changeId: ChangeId }): ChangeId => changeId

export function createTables(journal: Journal): Tables {
  return {
    enrollments: createTable(journal, {
      planned: ({ renewAt, removedAt }) => renewAt !== null && removedAt === null,
      live: ({ live, removedAt }) => live !== null && removedAt === null,
    }),
    changes: createTable(journal, {
      open: (row) => (isOpen(row) ? row.enrollmentId : null),
      due: ({ nextAt }) => nextAt !== null,
      enrollment: ({ enrollmentId }) => enrollmentId,
    }),
    events: createTable(journal, { change: ofChange }),
    keyPairs: createTable(journal, {
      change: ofChange,
      id: ({ id }) => id,
      enrollment: ({ enrollmentId }) => enrollmentId,
    }),
    certificates: createTable(journal, { change: ofChange }),
    validations: createTable(journal, { change: ofChange }),
    deployments: createTable(journal, { change: ofChange, enrollment: ({ enrollmentId }) => enrollmentId }),
    pins: createTable(journal),
    proven: createTable(journal),
    names: createTable(journal, { deployment: (id) => id }),
    handshakes: createTable(journal, { change: ofChange }),
    comparisons: createTable(journal),
    frozen: createTable(journal),
    maintenances: createTable(journal),
    notices: createTable(journal, {
      waits: ({ done }) => !done,
      enrollment: ({ enrollmentId }) => enrollmentId,
    }),
    vettings: createTable(journal),
    organizations: createTable(journal),
    budgets: createTable(journal),
    pauses: createTable(journal),
    reportedKeys: createTable(journal),
  }
}

export const openChange = ({ changes }: Tables, id: EnrollmentId): Change | undefined => {
  const [open] = changes.at('open', id)
  return open
}

/** By what `numbers` says, one after the other. */
export const sorted = <Row>(rows: Iterable<Row>, ...numbers: ((row: Row) => number)[]): readonly Row[] =>
  [...rows].toSorted((one, other) => {
    for (const number of numbers) {
      const difference = number(one) - number(other)
      if (difference !== 0) return difference
    }
    return 0
  })

/** Texts as PostgreSQL orders them here. */
export const byText = <Row>(rows: Iterable<Row>, text: (row: Row) => string): readonly Row[] =>
  [...rows].toSorted((one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0))

export function altered({ enrollments }: Tables, id: EnrollmentId, more: Partial<KeptEnrollment>): void {
  const enrollment = enrollments.get(id)
  if (enrollment !== undefined) enrollments.set(id, { ...enrollment, ...more })
}

export const LOOK_AT_ONCE: KeptEnrollment['planLook'] = { at: instant(0), seen: null }

/** What the plan follows from has changed. */
export const lookedAtOnce = ({ planLook }: KeptEnrollment): Pick<KeptEnrollment, 'planLook'> => ({
  planLook: { ...planLook, at: instant(0) },
})

export const liveEnrollments = ({ enrollments }: Tables): readonly KeptEnrollment[] => [
  ...enrollments.at('live', true),
]
