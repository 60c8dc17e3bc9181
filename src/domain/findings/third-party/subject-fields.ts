import type { Finding } from '../../change/change.ts'
import type { DistinguishedName, KeyAlgorithm } from '../../certificate/certificate.ts'
import type { WarningId } from '../catalogue.ts'
import { finding } from '../finding-text.ts'
import type { FindingRule } from './rule.ts'

/** Ids are written out so that a search for one finds its rule. */
const FIELDS = [
  {
    member: 'c',
    added: 'CSR_VS_CERTIFICATE_C_FIELD_ADDITIONAL_IN_CERTIFICATE',
    differs: 'CSR_VS_CERTIFICATE_C_FIELD_MISMATCH',
    missing: 'CSR_VS_CERTIFICATE_C_FIELD_MISSING_IN_CERTIFICATE',
  },
  {
    member: 'st',
    added: 'CSR_VS_CERTIFICATE_ST_FIELD_ADDITIONAL_IN_CERTIFICATE',
    differs: 'CSR_VS_CERTIFICATE_ST_FIELD_MISMATCH',
    missing: 'CSR_VS_CERTIFICATE_ST_FIELD_MISSING_IN_CERTIFICATE',
  },
  {
    member: 'l',
    added: 'CSR_VS_CERTIFICATE_L_FIELD_ADDITIONAL_IN_CERTIFICATE',
    differs: 'CSR_VS_CERTIFICATE_L_FIELD_MISMATCH',
    missing: 'CSR_VS_CERTIFICATE_L_FIELD_MISSING_IN_CERTIFICATE',
  },
  {
    member: 'o',
    added: 'CSR_VS_CERTIFICATE_O_FIELD_ADDITIONAL_IN_CERTIFICATE',
    differs: 'CSR_VS_CERTIFICATE_O_FIELD_MISMATCH',
    missing: 'CSR_VS_CERTIFICATE_O_FIELD_MISSING_IN_CERTIFICATE',
  },
  {
    member: 'ou',
    added: 'CSR_VS_CERTIFICATE_OU_FIELD_ADDITIONAL_IN_CERTIFICATE',
    differs: 'CSR_VS_CERTIFICATE_OU_FIELD_MISMATCH',
    missing: 'CSR_VS_CERTIFICATE_OU_FIELD_MISSING_IN_CERTIFICATE',
  },
] as const satisfies readonly ({ readonly member: keyof DistinguishedName } & Readonly<
  Record<'added' | 'differs' | 'missing', WarningId>
>)[]

const CASE = 'CSR_VS_CERTIFICATE_SUBJECT_FIELD_CASE_MISMATCH'

export const subjectFields: FindingRule = {
  ids: [...FIELDS.flatMap(({ added, differs, missing }) => [added, differs, missing]), CASE],
  find: ({ keyAlgorithm, leaf, signingRequest }) =>
    FIELDS.flatMap((field) => {
      const asked = spaced(signingRequest.subject[field.member])
      const found = spaced(leaf.subject[field.member])
      return asked === found ? [] : [difference(field, asked, found, keyAlgorithm)]
    }),
}

function difference(
  { member, added, differs, missing }: (typeof FIELDS)[number],
  asked: string,
  found: string,
  keyAlgorithm: KeyAlgorithm,
): Finding {
  if (asked === '') return finding(added, { certificateSubjectValue: found })
  if (found === '') return finding(missing, { csrSubjectValue: asked })
  const values = { csrSubjectValue: asked, certificateSubjectValue: found }
  if (asked.toLowerCase() !== found.toLowerCase()) return finding(differs, values)
  return finding(CASE, { ...values, subjectfield: member.toUpperCase(), keyAlgorithm })
}

/** RFC 5280 section 7.1: runs of spaces, and those at the ends, do not count; nor does the way a letter is composed. */
const spaced = (value: string | null): string => (value ?? '').normalize('NFC').replaceAll(/\s+/g, ' ').trim()
