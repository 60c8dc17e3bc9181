import type { CertificateUpload } from '../app/use-cases.ts'
import { Problem } from '../errors/problem.ts'
import { NEWEST_ENTRIES, type ReceivedUploads } from '../wire/certificate-upload.ts'

/** The use case counts what it was given, in the newest version's terms; the caller hears where that stands in the body it sent. */
export async function uploadTo(
  upload: (uploads: readonly CertificateUpload[]) => Promise<void>,
  { uploads, pointers }: ReceivedUploads,
): Promise<void> {
  try {
    await upload(uploads)
  } catch (error) {
    if (!(error instanceof Problem) || error.errors.length === 0) throw error
    throw inSentBody(error, pointers)
  }
}

function inSentBody(problem: Problem, pointers: readonly string[]): Problem {
  const { code, detail, errors, retryAfterSeconds, members } = problem
  return new Problem(code, {
    ...(detail === null ? {} : { detail }),
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    errors: errors.map((fault) => ({ ...fault, field: placeOf(fault.field, pointers) })),
    members,
    cause: problem,
  })
}

function placeOf(field: string, pointers: readonly string[]): string {
  const match = /^\/certificatesAndTrustChains\/(\d+)(\/.*)?$/.exec(field)
  const pointer = match === null ? undefined : pointers[Number(match[1])]
  if (pointer !== undefined) return pointer + (match?.[2] ?? '')
  // Of the whole: version 1 has one member for it.
  return field === NEWEST_ENTRIES && pointers.includes('') ? '/certificate' : field
}
