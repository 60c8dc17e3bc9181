import type { EnrollmentSettings, Organization } from './enrollment.ts'

/** What makes two statements of an organisation the same one: its name, as people write it, and its country. */
export const organizationIdentity = ({ name, country }: Pick<Organization, 'name' | 'country'>): string =>
  [name, country].map((part) => (part ?? '').trim().replace(/\s+/g, ' ').toLowerCase()).join('|')

/** The organisation that a certificate will speak of: what the request says of it, the signing request's subject where it says nothing. */
export const requestedOrganization = ({
  org,
  csr,
}: Pick<EnrollmentSettings, 'org' | 'csr'>): Organization => ({
  ...org,
  name: org.name ?? csr.o,
  country: org.country ?? csr.c,
})
