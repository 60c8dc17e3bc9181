import { createHash, X509Certificate } from 'node:crypto'
import type { DeploymentId } from '../../domain/identifiers.ts'
import { tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeCertificate, EdgeGeneration } from '../../ports/edge.ts'
import { sentBy, type SplitPem } from '../served-pem.ts'
import type { StoredCertificate } from './runtime-replies.ts'

/** One line of a crt-list with the certificate that it names. */
export interface WishedEntry {
  /** Of our own ids alone: enrollment, kind of key, and a digest of the line's settings and names. So a renewal keeps it, and a change of settings does not. */
  readonly fileName: string
  readonly deploymentId: DeploymentId
  readonly options: string
  readonly names: readonly string[]
  readonly certificate: EdgeCertificate
  /** DER, leaf first, as a client has to see it. */
  readonly sent: readonly Uint8Array[]
  /** Of leaf and chain: whether the file has to be loaded anew. */
  readonly digest: string
}

const FILE_NAME = /^[0-9]+-(ecdsa|rsa)-[0-9a-f]{16}\.pem$/

/** Whether a file's name is one that we give. */
export const isOurs = (fileName: string): boolean => FILE_NAME.test(fileName)

/** Throws `Problem` for settings that HAProxy cannot be given: served without them would be worse than not at all. */
export function entriesOf(
  generation: EdgeGeneration,
  names: readonly string[],
  split: SplitPem,
): readonly WishedEntry[] {
  if (generation.settings.clientMutualAuthentication?.setId)
    throw new Problem('edge-unreachable', {
      detail: 'HAProxy edges do not carry out client mutual authentication; nothing is served without it.',
    })
  const sorted = [...names].sort()
  const options = lineOptions(generation)
  const digest = sha256(`${options}\n${sorted.join(' ')}`).slice(0, 16)
  return generation.certificates.map((certificate) => {
    const sent = sentBy(certificate, split)
    return {
      fileName: `${generation.enrollmentId}-${certificate.keyAlgorithm.toLowerCase()}-${digest}.pem`,
      deploymentId: generation.id,
      options,
      names: sorted,
      certificate,
      sent,
      digest: sha256(Buffer.concat(sent)),
    }
  })
}

/** Worked out once for a generation and the names that point to it. */
export function createEntries(split: SplitPem) {
  const known = new WeakMap<EdgeGeneration, { key: string; entries: readonly WishedEntry[] }>()
  return {
    of(generation: EdgeGeneration, names: readonly string[]): readonly WishedEntry[] {
      const key = names.join(' ')
      const earlier = known.get(generation)
      if (earlier?.key === key) return earlier.entries
      const entries = entriesOf(generation, names, split)
      known.set(generation, { key, entries })
      return entries
    },
  }
}

/** HAProxy's Configuration Manual, section 5.1 (`crt-list`). */
function lineOptions({ settings }: EdgeGeneration): string {
  const policy = tlsPolicy(settings)
  return [
    `ssl-min-ver ${policy.minVersion}`,
    `ssl-max-ver ${policy.maxVersion}`,
    `ciphers ${policy.ciphers.join(':')}`,
    `ciphersuites ${policy.suites.join(':')}`,
    `curves ${policy.groups.join(':')}`,
    `alpn ${policy.alpn.join(',')}`,
  ].join(' ')
}

/** What HAProxy can tell of a stored certificate: the leaf by serial and hash, the chain by its length alone. The rest is for a handshake to say. */
export function isStored(stored: StoredCertificate | null, { sent }: Pick<WishedEntry, 'sent'>): boolean {
  const [leaf] = sent
  if (stored === null || leaf === undefined) return false
  const hashes = Object.entries(stored.fingerprints)
  return (
    stored.serialNumber === new X509Certificate(leaf).serialNumber &&
    hashes.length > 0 &&
    hashes.every(([name, value]) => hashOf(name, leaf) === value) &&
    stored.chainLength === sent.length - 1
  )
}

const hashOf = (name: string, der: Uint8Array): string =>
  createHash(name.toLowerCase()).update(der).digest('hex').toUpperCase()

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
