/** How HAProxy answers, as text of 2.6 (read off a running one); later versions say the same with more beside it. */

export interface CertificateList {
  /** A transaction somebody has left open. There is one for the whole process. */
  readonly transaction: string | null
  readonly files: ReadonlySet<string>
}

/** `show ssl cert`. */
export function certificateList(reply: string): CertificateList {
  let transaction: string | null = null
  const files = new Set<string>()
  for (const line of reply.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) transaction = line.slice(1)
    else files.add(line)
  }
  return { transaction, files }
}

export interface StoredCertificate {
  readonly isUsed: boolean
  /** Upper-case hex, as HAProxy writes it; null: an empty store. */
  readonly serialNumber: string | null
  /** By the name of the hash: `SHA1`, and in later versions `SHA256`. Upper-case hex. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** How many certificates follow the leaf. */
  readonly chainLength: number
}

/** `show ssl cert FILE`. Null: it knows no such file. Throws when it speaks of another file. */
export function storedCertificate(reply: string, file: string): StoredCertificate | null {
  if (reply.startsWith("Can't display the certificate")) return null
  const facts = reply.split('\n').map((line) => {
    const colon = line.indexOf(': ')
    return { name: line.slice(0, colon), value: line.slice(colon + 2).trim() }
  })
  const first = (name: string) => facts.find((fact) => fact.name === name)?.value
  const about = first('Filename')
  if (about?.replace(/^\*/, '') !== file) throw new Unexpected(reply, file)
  const fingerprints = facts.flatMap(({ name, value }) => {
    const hash = /^(SHA\d+) FingerPrint$/i.exec(name)?.[1]
    return hash === undefined ? [] : [[hash.toUpperCase(), value] as const]
  })
  return {
    isUsed: first('Status') === 'Used',
    serialNumber: first('Serial') ?? null,
    fingerprints: Object.fromEntries(fingerprints),
    chainLength: facts.filter(({ name }) => name === 'Chain Subject').length,
  }
}

export interface StoredLine {
  readonly file: string
  /** Null: the only one of that file. */
  readonly line: number | null
}

/** `show ssl crt-list -n LIST`; null: it has no such list. */
export function storedLines(reply: string, list: string): readonly StoredLine[] | null {
  const lines = reply.split('\n')
  if (lines[0] !== `# ${list}`) return null
  return lines.slice(1).flatMap((text) => {
    const match = /^(\S+):(\d+)(?: |$)/.exec(text)
    return match === null ? [] : [{ file: match[1] as string, line: Number(match[2]) }]
  })
}

/** `show ssl crt-list`: the lists of every bind. */
export const listNames = (reply: string): readonly string[] => reply.split('\n').filter((line) => line !== '')

/** `show ssl ca-file`: how many certificates each holds, and a transaction that is open. */
export function authorityFiles(reply: string): {
  readonly transaction: string | null
  readonly counts: ReadonlyMap<string, number>
} {
  let transaction: string | null = null
  const counts = new Map<string, number>()
  for (const line of reply.split('\n')) {
    const match = /^(\*?)(\S+) - (\d+) certificate/.exec(line)
    if (match === null) continue
    if (match[1] === '*') transaction = match[2] ?? null
    else counts.set(match[2] ?? '', Number(match[3]))
  }
  return { transaction, counts }
}

/** `show map FILE`; null: no configuration uses it. */
export function mapEntries(reply: string): ReadonlyMap<string, string> | null {
  if (reply.startsWith('Unknown map')) return null
  return new Map(
    reply.split('\n').flatMap((line) => {
      const [, name, value] = /^0x[0-9a-f]+ (\S+) (\S+)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** `show pools`: every buffer is of this many octets (`tune.bufsize`), those of commands too; null: it does not say. */
export function bufferSize(reply: string): number | null {
  const size = /Pool buffer \((\d+) bytes\)/.exec(reply)?.[1]
  return size === undefined ? null : Number(size)
}

/** `show info`. */
export function processInfo(reply: string): { readonly pid: number; readonly version: string } {
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(reply)?.[1] ?? ''
  const pid = Number(value('Pid'))
  if (!Number.isInteger(pid) || pid <= 0) throw new Unexpected(reply, 'show info')
  return { pid, version: value('Version') }
}

/** Each must name the file it was meant for: HAProxy 2.6 takes a `set` of one file into the open transaction of another. */
export const expectedReplies = {
  newCertificate: (file: string) => [`New empty certificate store '${file}'!`],
  /** `updated` would mean that somebody else's transaction was open. */
  setCertificate: (file: string) => [`Transaction created for certificate ${file}!`],
  /** Beside a certificate that was set a moment before. */
  addedStaple: (file: string) => [`Transaction updated for certificate ${file}!`],
  abortCertificate: (file: string) => [
    `Transaction aborted for certificate '${file}'!`,
    'No ongoing transaction!',
  ],
  deleteCertificate: (file: string) => [
    `Certificate '${file}' deleted!`,
    `certificate '${file}' doesn't exist!`,
  ],
  newAuthorities: (file: string) => [`New CA file created '${file}'!`],
  setAuthorities: (file: string) => [`transaction created for CA ${file}!`],
  abortAuthorities: (file: string) => [
    `Transaction aborted for certificate '${file}'!`,
    'No ongoing transaction!',
  ],
  deleteAuthorities: (file: string) => [`CA file '${file}' deleted!`, `CA file '${file}' doesn't exist!`],
  deleteLine: (file: string, list: string) => [`Entry '${file}' deleted in crtlist '${list}'!`],
} as const

/** `Committing FILE`, dots while it works, and `Success!`. */
export const isCommitted = (reply: string, file: string): boolean => isProgress(reply, `Committing ${file}`)

export const isLineAdded = (reply: string, file: string, list: string): boolean =>
  isProgress(reply, `Inserting certificate '${file}' in crt-list '${list}'`)

function isProgress(reply: string, start: string): boolean {
  const [first = '', ...rest] = reply.split('\n')
  return first.startsWith(start) && /^\.*$/.test(first.slice(start.length)) && rest.includes('Success!')
}

/** HAProxy said something else than what was to be expected. Its words hold no key: it repeats file names and OpenSSL's errors. */
export class Unexpected extends Error {
  constructor(reply: string, about: string) {
    super(`HAProxy answered about ${about}: ${reply.trim().replaceAll(/\s+/g, ' ').slice(0, 300)}`)
    this.name = 'Unexpected'
  }
}
