import { readFile } from 'node:fs/promises'
import type { StandardRoots } from '../domain/findings/third-party/upload-facts.ts'
import { Problem } from '../errors/problem.ts'
import { createUploadReader, fingerprintsOf, readRootStore } from '../pki/upload-reader.ts'
import type { UploadReader } from '../ports/upload-reader.ts'
import { systemRoots } from './files.ts'

/** CERTRAIL_TRUSTED_ROOTS: what counts as a standard root for uploads. */
export type TrustedRootsSetting =
  | { readonly kind: 'any' }
  | { readonly kind: 'system' }
  | { readonly kind: 'files'; readonly paths: readonly string[] }

/** With `any` roots are not judged, and public ones are known all the same: their limits hold in every mode. */
export async function uploadReaderFor(setting: TrustedRootsSetting): Promise<UploadReader> {
  if (setting.kind === 'any') return createUploadReader({ knownRoots: [], standardRoots: 'any' })
  const texts =
    setting.kind === 'system' ? [await systemRoots()] : await Promise.all(setting.paths.map(readRoots))
  const knownRoots = texts.flatMap((text) => rootsIn(text))
  const standardRoots: StandardRoots = fingerprintsOf(knownRoots)
  return createUploadReader({ knownRoots, standardRoots })
}

async function readRoots(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Problem('not-ready', {
      detail: `CERTRAIL_TRUSTED_ROOTS names ${path}, which cannot be read.`,
      cause,
    })
  }
}

function rootsIn(text: string): readonly Uint8Array[] {
  try {
    return readRootStore(text)
  } catch (cause) {
    const why = cause instanceof Problem ? ` ${cause.message}` : ''
    throw new Problem('not-ready', { detail: `CERTRAIL_TRUSTED_ROOTS cannot be used.${why}`, cause })
  }
}
