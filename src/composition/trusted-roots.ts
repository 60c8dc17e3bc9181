import type { StandardRoots } from '../domain/findings/third-party/upload-facts.ts'
import { Problem } from '../errors/problem.ts'
import { createUploadReader, fingerprintsOf, readRootStore } from '../pki/upload-reader.ts'
import type { UploadReader } from '../ports/upload-reader.ts'
import { readText, systemRoots } from './files.ts'

/** CERTRAIL_TRUSTED_ROOTS: what counts as a standard root for uploads. */
export type TrustedRootsSetting =
  | { readonly kind: 'any' }
  | { readonly kind: 'system' }
  | { readonly kind: 'files'; readonly paths: readonly string[] }

/** With `any` roots are not judged, and public ones are known all the same: their limits hold in every mode. */
export async function uploadReaderFor(setting: TrustedRootsSetting): Promise<UploadReader> {
  if (setting.kind === 'any') return createUploadReader({ knownRoots: [], standardRoots: 'any' })
  const knownRoots = await rootsOf(setting, 'CERTRAIL_TRUSTED_ROOTS')
  const standardRoots: StandardRoots = fingerprintsOf(knownRoots)
  return createUploadReader({ knownRoots, standardRoots })
}

/** DER of the roots that a setting names; `who` says which setting that is. */
export async function rootsOf(
  setting: Exclude<TrustedRootsSetting, { kind: 'any' }>,
  who: string,
): Promise<readonly Uint8Array[]> {
  const texts =
    setting.kind === 'system'
      ? [await systemRoots()]
      : await Promise.all(setting.paths.map((path) => readText(path, who)))
  return texts.flatMap((text) => rootsIn(text, who))
}

function rootsIn(text: string, who: string): readonly Uint8Array[] {
  try {
    return readRootStore(text)
  } catch (cause) {
    const why = cause instanceof Problem ? ` ${cause.message}` : ''
    throw new Problem('not-ready', { detail: `${who} cannot be used.${why}`, cause })
  }
}
