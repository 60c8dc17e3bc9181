import type { Change } from '../domain/change/change.ts'
import type { Organization } from '../domain/enrollment/enrollment.ts'
import { requestedOrganization } from '../domain/enrollment/organization.ts'
import { requestedNames } from '../domain/enrollment/served-names.ts'
import type { SigningRequestSubject } from '../ports/key-material.ts'
import type { Repositories } from '../ports/store.ts'

/** RFC 5280 appendix A: ub-common-name-length. A longer CN stands in the subjectAltName extension alone. */
const LONGEST_COMMON_NAME = 64

/** A DV certificate says nothing but names; OV and EV speak of the organisation, and where the signing request's members are empty of the one that is named beside them. */
export async function subjectOf(
  read: Repositories,
  { accountId, settings }: Pick<Change, 'accountId' | 'settings'>,
): Promise<SigningRequestSubject> {
  const { c, st, l, o, ou } = settings.csr
  const commonName = requestedNames(settings)[0] ?? null
  const cn = commonName !== null && commonName.length <= LONGEST_COMMON_NAME ? commonName : null
  if (settings.validationType === 'dv') return { cn }
  if (settings.validationType === 'third-party') return { cn, o, ou, l, st, c }
  const known = settings.orgId === null ? null : await read.vettings.organization(accountId, settings.orgId)
  const said = known?.organization ?? requestedOrganization(settings)
  return { cn, ou, ...filled({ o, l, st, c }, said) }
}

type Place = Pick<SigningRequestSubject, 'o' | 'l' | 'st' | 'c'>

/** Where the request says nothing: what is written of an organisation may be longer than a subject takes (RFC 5280 appendix A), and is left out then. */
function filled({ o, l, st, c }: Place, { name, city, region, country }: Organization): Place {
  return {
    o: o ?? upTo(64, name),
    l: l ?? upTo(128, city),
    st: st ?? upTo(128, region),
    c: c ?? (country !== null && /^[a-z]{2}$/i.test(country) ? country.toUpperCase() : null),
  }
}

const upTo = (longest: number, text: string | null): string | null =>
  text !== null && [...text].length <= longest ? text : null
