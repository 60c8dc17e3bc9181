/** Where clients need something else than the letter of the published schema says (spec: api 5 and 7). `resource.vN pointer fault`. */
export const PUBLISHED_DEVIATIONS: readonly (readonly [RegExp, string])[] = [
  [/^enrollments?\.v11 .*\/id type$/, 'the Go SDK decodes the id as a number'],
  [
    /^dv-challenges\.v2 \/dv\/\*\/challenges\/\*\/status enum$/,
    'on the wire it is lower case; the Terraform provider looks for `pending`',
  ],
  [/^deployments\.v\d+ \/(production|staging) type$/, 'null where nothing is deployed'],
  [
    /^enrollments?\.v7 .*\/disallowedTlsVersions\/\* enum$/,
    'TLSv1 and TLSv1_3 are in use; the enumeration of v7 is short',
  ],
  [
    /^change-management-info\.v[45] .*\/(ocspStapled|quicEnabled|sniOnly) type$/,
    'texts in every sample, and the Go SDK declares them so',
  ],
  [
    /^change-management-info\.v[124] \/pendingState\/pendingCertificate type$/,
    'null where none is pending: the Python CLI indexes it',
  ],
  [
    /^certificate-history\.v\d \/certificates\/\*\/geography enum$/,
    'examples have the geography of the enrollment',
  ],
]

export const isKnownDeviation = (fault: string): boolean =>
  PUBLISHED_DEVIATIONS.some(([known]) => known.test(fault))
