import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { Problem } from '../errors/problem.ts'

/** Where systems keep the bundle that tools use by default. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]

/** The system's roots; those that Node brings where the system has none in a known place. */
export async function systemRoots(): Promise<string> {
  for (const path of SYSTEM_BUNDLES) {
    try {
      return await readFile(path, 'utf8')
    } catch {
      // The next place.
    }
  }
  return `${rootCertificates.join('\n')}\n`
}

/** `who` names the setting that names the file. */
export async function readText(path: string, who: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Problem('not-ready', { detail: `${who} names ${path}, which cannot be read.`, cause })
  }
}
