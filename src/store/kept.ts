import { insertNotices } from './notices.ts'
import { type RawBuilder, sql } from 'kysely'
import type { Change } from '../domain/change/change.ts'
import type { Kept } from '../ports/changes.ts'
import { insertCertificates, insertKeyPairs } from './certificates.ts'
import type { CommonTable } from './common-tables.ts'
import { activation } from './deployments.ts'
import { forgottenStandings } from './name-standings.ts'
import { insertHandshakes } from './handshakes.ts'
import { saveValidations } from './validations.ts'

/** What a step leaves behind, as common table expressions that happen only when `saved` has a row. */
export function keptTables(change: Change, kept: Kept): readonly CommonTable[] {
  const tables: CommonTable[] = []
  const add = (name: string, query: RawBuilder<unknown>) => tables.push({ name, query })
  if (kept.keyPairs?.length) add('kept_key_pairs', insertKeyPairs(kept.keyPairs, 'saved'))
  if (kept.certificates?.length) add('kept_certificates', insertCertificates(kept.certificates, 'saved'))
  if (kept.handshakes?.length) add('kept_handshakes', insertHandshakes(kept.handshakes, 'saved'))
  if (kept.validations?.length) add('kept_validations', saveValidations(publishedAs(kept), 'saved'))
  if (kept.notices?.length) add('kept_notices', insertNotices(kept.notices, 'saved'))
  if (kept.unpublishes) add('unpublished', unpublish(change, kept))
  if (kept.activates) tables.push(...activation(kept.activates.id, kept.activates.at, 'saved'))
  if (kept.settles) add('settled', settle(change, kept.settles))
  if (kept.settles?.renewal) add('standings_anew', forgottenStandings(change.enrollmentId))
  return tables
}

const publishedAs = ({ validations = [], unpublishes }: Kept) =>
  unpublishes ? validations.map((record) => ({ ...record, published: false })) : validations

/** A row can be changed once in a statement: those that are saved in it are left out here. */
function unpublish(change: Change, { validations = [] }: Kept): RawBuilder<unknown> {
  const written = JSON.stringify(validations.map(({ domain, generation }) => ({ domain, generation })))
  return sql`
    update name_validations v set published = false from saved
    where v.change_id = ${change.id} and v.published and not exists (
      select from jsonb_to_recordset(${written}::jsonb) as written (domain text, generation integer)
      where written.domain = v.domain and written.generation = v.generation)`
}

const settle = (change: Change, { settings, renewal }: NonNullable<Kept['settles']>) => sql`
  update enrollments e set settings = ${JSON.stringify(settings)}::jsonb, settled_settings = ${JSON.stringify(settings)}::jsonb,
    revision = revision + 1${renewal === null ? sql`` : planned(renewal)}
  from saved where e.id = ${change.enrollmentId} and e.account_id = ${change.accountId} and e.removed_at is null`

const planned = ({ at, live, askAt, namesLookAt }: Renewal) => sql`,
    auto_renewal_at = ${at}::bigint, renew_at = ${at}::bigint, held_by = null, held_since = null,
    plan_look_at = 0, names_look_at = ${namesLookAt}::bigint, live_from = ${live.notBefore}::bigint, live_until = ${live.notAfter}::bigint,
    ask_at = ${askAt}::bigint, ask_failures = 0, window_start = null, window_end = null, window_url = null`

type Renewal = NonNullable<NonNullable<Kept['settles']>['renewal']>
