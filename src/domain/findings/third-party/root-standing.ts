import type { UploadedCertificate, UploadFacts } from './upload-facts.ts'

/** Whether the path ends at a root that counts as standard; always when roots are not judged. */
export const endsAtStandardRoot = ({ roots }: UploadedCertificate, { standardRoots }: UploadFacts): boolean =>
  standardRoots === 'any' || roots.some((root) => standardRoots.has(root))
