import { chmod, open, readFile, rename } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'

/** Whole or not at all: a reader never sees half a file, and a crash leaves the old one. */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await chmod(temporary, mode)
  await rename(temporary, path)
}

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
