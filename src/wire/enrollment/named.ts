import { canonicalName, isServiceName, isWildcard } from '../../domain/enrollment/names.ts'
import { isPublicSuffix } from '../../domain/enrollment/public-suffix.ts'
import type { FieldError } from '../../errors/problem.ts'
import type { EnrollmentFacts, EnrollmentRule } from './facts.ts'
import { NAME_LIMITS } from './limits.ts'

const LONGEST_COMMON_NAME = 64

interface NamedField {
  readonly field: string
  readonly text: string
}

/** DNS names only, none of them the service's own, none that nobody can own whole. */
export const dnsNames: EnrollmentRule = (facts) =>
  fieldsOf(facts).flatMap(({ field, text }) => {
    const canonical = canonicalName(text)
    const name = canonical.ok ? canonical.name : text.toLowerCase()
    if (isServiceName(name, facts.serviceNames))
      return [{ field, detail: 'is a name of this service, for which it gives no certificates' }]
    if (!canonical.ok) return [{ field, detail: canonical.reason }]
    return isPublicSuffix(name)
      ? [{ field, detail: 'is a public suffix: names are registered below it, and nobody owns it whole' }]
      : []
  })

/** RFC 5280 appendix A: ub-common-name. */
export const commonNameLength: EnrollmentRule = ({ body }) => {
  const canonical = canonicalName(body.csr?.cn ?? '')
  const tooLong = canonical.ok && canonical.name.length > LONGEST_COMMON_NAME
  return tooLong
    ? [{ field: '/csr/cn', detail: `must not be longer than ${LONGEST_COMMON_NAME} characters` }]
    : []
}

/** spec: behaviour G3. Names count once, however they are written. */
export const nameCounts: EnrollmentRule = ({ body }) => {
  if (!body.validationType) return []
  const limits = NAME_LIMITS[body.validationType]
  const unique = new Set(
    [body.csr?.cn ?? '', ...(body.csr?.sans ?? [])].flatMap((text) => {
      const canonical = canonicalName(text)
      return canonical.ok ? [canonical.name] : []
    }),
  )
  const wildcards = [...unique].filter((name) => isWildcard(name)).length
  const faults: FieldError[] = []
  if (unique.size > limits.maxAllowedSanNames)
    faults.push({
      field: '/csr/sans',
      detail: `more than ${limits.maxAllowedSanNames} names, the common name included`,
    })
  if (wildcards > limits.maxAllowedWildcardSanNames)
    faults.push({
      field: body.csr?.cn?.startsWith('*.') === true && wildcards === 1 ? '/csr/cn' : '/csr/sans',
      detail:
        limits.maxAllowedWildcardSanNames === 0
          ? `wildcards are not available for validation type ${body.validationType}`
          : `more than ${limits.maxAllowedWildcardSanNames} wildcards`,
    })
  return faults
}

function fieldsOf({ body }: EnrollmentFacts): readonly NamedField[] {
  const listed = (field: string, texts: readonly string[] | null | undefined): readonly NamedField[] =>
    (texts ?? []).map((text, index) => ({ field: `${field}/${index}`, text }))
  return [
    ...(body.csr?.cn ? [{ field: '/csr/cn', text: body.csr.cn }] : []),
    ...listed('/csr/sans', body.csr?.sans),
    ...listed(
      '/networkConfiguration/dnsNameSettings/dnsNames',
      body.networkConfiguration?.dnsNameSettings?.dnsNames,
    ),
  ]
}
