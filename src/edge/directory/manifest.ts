import { createHash, X509Certificate } from 'node:crypto'
import { instant, toWireTime } from '../../domain/time.ts'
import { tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeCertificate, EdgeGeneration } from '../../ports/edge.ts'
import { sentBy, type SplitPem } from '../served-pem.ts'

/** `manifest.json` of a directory edge: everything that a server's configuration is to be made from. Paths are relative to it. */
export interface Manifest {
  readonly network: string
  readonly entries: readonly ManifestEntry[]
}

/** Names that are answered alike. With two certificates a client gets the one that it can verify. */
export interface ManifestEntry {
  readonly enrollmentId: number
  readonly deploymentId: string
  /** Canonical; wildcards as `*.example.com`. */
  readonly names: readonly string[]
  /** In OpenSSL's names, in the server's order of preference (docs/tls.md). */
  readonly tls: {
    readonly minVersion: string
    readonly maxVersion: string
    readonly ciphers: readonly string[]
    readonly suites: readonly string[]
    readonly groups: readonly string[]
    readonly alpn: readonly string[]
  }
  readonly certificates: readonly ManifestCertificate[]
}

export interface ManifestCertificate {
  readonly keyAlgorithm: string
  /** Leaf and chain. */
  readonly fullChain: string
  readonly privateKey: string
  /** Key and certificates in one (RFC 7292), under the password of the settings; null: not asked for. */
  readonly pkcs12: string | null
  /** DER of an OCSPResponse (RFC 6960) that is to go along; null: none. */
  readonly ocspResponse: string | null
  readonly serialNumber: string
  /** SHA-256 of the leaf, lower-case hex. */
  readonly fingerprint: string
  /** RFC 3339, UTC. */
  readonly notAfter: string
}

/** One file pair that a manifest names. */
export interface ServedFile {
  readonly manifest: ManifestCertificate
  readonly names: readonly string[]
  readonly certificate: EdgeCertificate
  readonly sent: readonly Uint8Array[]
  readonly ocspResponse: Uint8Array | null
}

/** Writes PKCS#12 files. Another password has another `mark`, and so other names. */
export interface Pkcs12Writer {
  readonly mark: string
  write(file: Pick<ServedFile, 'sent' | 'certificate'>): Uint8Array
}

export type OcspResponseOf = (certificate: EdgeCertificate) => Uint8Array | null

interface LayoutSources {
  readonly split: SplitPem
  readonly ocspResponseOf: OcspResponseOf
  readonly pkcs12: Pick<Pkcs12Writer, 'mark'> | null
}

export interface Layout {
  readonly manifest: Manifest
  readonly files: readonly ServedFile[]
}

/** Throws `Problem` for settings that whoever reads the manifest cannot be told: served without them would be worse than not at all. */
export function layoutOf(
  network: string,
  assignments: ReadonlyMap<EdgeGeneration, readonly string[]>,
  sources: LayoutSources,
): Layout {
  const files: ServedFile[] = []
  const entries = [...assignments].map(([generation, unsorted]) => {
    if (generation.settings.clientMutualAuthentication?.setId)
      throw new Problem('edge-unreachable', {
        detail:
          'Directory edges do not carry out client mutual authentication; nothing is served without it.',
      })
    const names = [...unsorted].sort()
    const own = generation.certificates.map((certificate) => fileOf(generation, names, certificate, sources))
    files.push(...own)
    return {
      enrollmentId: Number(generation.enrollmentId),
      deploymentId: String(generation.id),
      names,
      tls: tlsPolicy(generation.settings),
      certificates: own.map(({ manifest }) => manifest),
    }
  })
  entries.sort((one, other) => (one.deploymentId < other.deploymentId ? -1 : 1))
  return { manifest: { network, entries }, files }
}

function fileOf(
  { enrollmentId }: EdgeGeneration,
  names: readonly string[],
  certificate: EdgeCertificate,
  { split, ocspResponseOf, pkcs12 }: LayoutSources,
): ServedFile {
  const sent = sentBy(certificate, split)
  const leaf = new X509Certificate(sent[0] ?? Buffer.of())
  const fingerprint = createHash('sha256').update(leaf.raw).digest('hex')
  const stem = `${enrollmentId}-${certificate.keyAlgorithm.toLowerCase()}-${digestOf(sent)}`
  const ocspResponse = ocspResponseOf(certificate)
  const manifest = {
    keyAlgorithm: certificate.keyAlgorithm,
    fullChain: `${stem}.pem`,
    privateKey: `${stem}.key`,
    pkcs12: pkcs12 === null ? null : `${stem}-${pkcs12.mark}.p12`,
    // Named by its content, so that another response makes another manifest.
    ocspResponse: ocspResponse === null ? null : `${stem}-${digestOf([ocspResponse])}.ocsp`,
    serialNumber: leaf.serialNumber.toLowerCase(),
    fingerprint,
    notAfter: toWireTime(instant(Date.parse(leaf.validTo))),
  }
  return { manifest, names, certificate, sent, ocspResponse }
}

const digestOf = (sent: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(sent)).digest('hex').slice(0, 16)
