import { createHash, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { DeploymentId } from '../../domain/identifiers.ts'
import { tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeCertificate, EdgeGeneration, EdgeTrustSet } from '../../ports/edge.ts'
import { pemText } from '../private-key-pem.ts'
import { pemOf, sentBy, type ServedPem, type SplitPem } from '../served-pem.ts'
import { commands, fitsBuffer } from './runtime-commands.ts'
import type { StoredCertificate } from './runtime-replies.ts'

export const BINDS = ['public', 'mutual'] as const
export type Bind = (typeof BINDS)[number]

/** Whose client certificates are let in (`ca-file`). */
export interface AuthorityFile {
  readonly file: string
  /** Encoded anew from DER. */
  readonly pem: string
  readonly count: number
  /** No command can carry it: HAProxy reads it at a reload. */
  readonly isLong: boolean
}

/** One line of a crt-list with the certificate that it names. */
export interface WishedEntry {
  /**
   * Of our own ids alone: enrollment, kind of key, and a digest of the line's settings and names. So a renewal keeps it, and a change of settings does not.
   * One that comes by file has the certificate in its digest too: a file that a line names already would be served by the reload that is to bring it.
   */
  readonly fileName: string
  readonly deploymentId: DeploymentId
  /** Names that ask for client certificates are answered on a bind of their own. */
  readonly bind: Bind
  readonly authorities: AuthorityFile | null
  readonly options: string
  readonly names: readonly string[]
  readonly certificate: EdgeCertificate
  /** DER, leaf first, as a client has to see it. */
  readonly sent: readonly Uint8Array[]
  /** Of leaf and chain: whether the file has to be loaded anew. */
  readonly digest: string
  /** No command can carry it: HAProxy reads it at a reload. */
  readonly isLong: boolean
}

const FILE_NAME = /^[0-9]+-(ecdsa|rsa)-[0-9a-f]{16}\.pem$/

/** Whether a file's name is one that we give. */
export const isOurs = (fileName: string): boolean => FILE_NAME.test(fileName)

export interface EntryOptions {
  readonly split: SplitPem
  /** Where files of CA certificates are. */
  readonly trustFolder: string
  readonly pathOf: (entry: Pick<WishedEntry, 'bind' | 'fileName'>) => string
  /** Undefined: not read yet; null: there is none, and nobody is asked. */
  readonly trustSetOf: (generation: EdgeGeneration) => EdgeTrustSet | null | undefined
}

export interface Pointed {
  readonly names: readonly string[]
  /** How long a command may be. */
  readonly bufferSize: number | null
}

/** Throws `Problem` as long as it is not known whose client certificates are to be asked for: served without them would be worse than not at all. */
function entriesOf(
  generation: EdgeGeneration,
  { names, bufferSize }: Pointed,
  options: EntryOptions & { readonly authorities: AuthorityFile | null },
): readonly WishedEntry[] {
  const { split, authorities, pathOf } = options
  const sorted = [...names].sort()
  const line = [lineOptions(generation), ...clientOptions(generation, authorities)].join(' ')
  const bind = authorities === null ? 'public' : 'mutual'
  return generation.certificates.map((certificate) => {
    const sent = sentBy(certificate, split)
    const digest = sha256(Buffer.concat(sent))
    const fileNameFor = (settled: string): string =>
      `${generation.enrollmentId}-${certificate.keyAlgorithm.toLowerCase()}-${sha256(settled).slice(0, 16)}.pem`
    // A response goes with the certificate set anew: so who is not to have one any more has another line.
    const stapled = certificate.staple === null ? '' : '\nstapled'
    const standing = `${line}\n${sorted.join(' ')}${stapled}`
    const short = { bind, fileName: fileNameFor(standing) } as const
    if (
      !fitsBuffer(commands.addLine(pathOf(short), { file: pathOf(short), options: line, names }), bufferSize)
    )
      throw tooManyNames(names, bufferSize)
    const isLong = !isCarried(pathOf(short), { certificate, sent }, bufferSize)
    const fileName = isLong ? fileNameFor(`${standing}\n${digest}`) : short.fileName
    const { id: deploymentId } = generation
    return {
      fileName,
      deploymentId,
      bind,
      authorities,
      options: line,
      names: sorted,
      certificate,
      sent,
      digest,
      isLong,
    }
  })
}

/** An RSA key of 8,192 bits is shorter. So the keys of what is far from the limit stay sealed. */
const LONGEST_KEY_PEM = 8_192

function isCarried(file: string, served: ServedPem, bufferSize: number | null): boolean {
  const chain = served.sent.map((der) => pemText('CERTIFICATE', der)).join('')
  if (fitsBuffer(commands.setCertificate(file, chain) + ' '.repeat(LONGEST_KEY_PEM), bufferSize)) return true
  return fitsBuffer(commands.setCertificate(file, pemOf(served)), bufferSize)
}

const tooManyNames = (names: readonly string[], bufferSize: number | null): Problem =>
  new Problem('edge-unreachable', {
    detail: `A line of ${names.length} names does not fit HAProxy's buffer of ${bufferSize} octets; raise tune.bufsize.`,
    members: { seen: 'too-long' },
  })

/** Worked out once for a generation, the names that point to it, and the revision of its trust-chain set. */
export function createEntries(options: EntryOptions) {
  const known = new WeakMap<EdgeGeneration, { key: string; entries: readonly WishedEntry[] }>()
  return {
    of(generation: EdgeGeneration, pointed: Pointed): readonly WishedEntry[] {
      const set = options.trustSetOf(generation)
      if (set === undefined)
        throw new Problem('edge-unreachable', { detail: 'The trust-chain set has not been read yet.' })
      const key = `${set?.revision ?? ''} ${pointed.bufferSize} ${pointed.names.join(' ')}`
      const earlier = known.get(generation)
      if (earlier?.key === key) return earlier.entries
      const authorities = set === null ? null : authorityFile(set, options, pointed)
      const entries = entriesOf(generation, pointed, { ...options, authorities })
      known.set(generation, { key, entries })
      return entries
    },
  }
}

/** Another revision is another file, and so another line: no line ever changes whom it lets in. */
function authorityFile(
  { certificates, revision }: EdgeTrustSet,
  options: EntryOptions,
  { bufferSize }: Pointed,
): AuthorityFile {
  const ders = certificates.flatMap((pem) => options.split(pem))
  const pem = ders.map((der) => pemText('CERTIFICATE', der)).join('')
  const name = `${sha256(pem).slice(0, 16)}-r${revision}.pem`
  const file = join(options.trustFolder, name)
  return {
    file,
    pem,
    count: ders.length,
    isLong: !fitsBuffer(commands.setAuthorities(file, pem), bufferSize),
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

function clientOptions({ settings }: EdgeGeneration, authorities: AuthorityFile | null): readonly string[] {
  if (authorities === null) return []
  const isTold = settings.clientMutualAuthentication?.authenticationOptions?.sendCaListToClient === true
  return ['verify required', `ca-file ${authorities.file}`, ...(isTold ? [] : ['no-ca-names'])]
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
