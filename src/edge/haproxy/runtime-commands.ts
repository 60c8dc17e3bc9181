/**
 * What is written to HAProxy's runtime API. A payload ends at its first empty line, and what follows is executed: so nothing that a person typed gets here.
 * Files bear names of our own making, names are canonical, certificates and keys are encoded anew; whatever is not of that form is a fault of ours.
 */
const PATH = /^\/[A-Za-z0-9/._-]+$/
/** Canonical (domain/enrollment/names.ts), with a star as its first label at most. */
const SERVED_NAME = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/
const LINE_OPTIONS = /^[A-Za-z0-9:,./_ -]*$/
const PEM_LINE = /^(-----(BEGIN|END) [A-Z0-9 ]+-----|[A-Za-z0-9+/=]{1,64})$/

export interface ListLine {
  readonly file: string
  /** As they stand between the brackets of a crt-list's line. */
  readonly options: string
  readonly names: readonly string[]
}

export const commands = {
  info: () => 'show info\n',
  listCertificates: () => 'show ssl cert\n',
  showCertificate: (file: string) => `show ssl cert ${path(file)}\n`,
  /** What the open transaction holds. */
  showPending: (file: string) => `show ssl cert *${path(file)}\n`,
  newCertificate: (file: string) => `new ssl cert ${path(file)}\n`,
  setCertificate: (file: string, pem: string) => `set ssl cert ${path(file)} <<\n${pemPayload(pem)}\n`,
  setStaple: (file: string, response: Uint8Array) =>
    `set ssl cert ${path(`${file}.ocsp`)} <<\n${base64Lines(response)}\n`,
  commitCertificate: (file: string) => `commit ssl cert ${path(file)}\n`,
  /** Also of somebody else's. */
  abortCertificate: (file: string) => `abort ssl cert ${anyPath(file)}\n`,
  deleteCertificate: (file: string) => `del ssl cert ${path(file)}\n`,
  listLists: () => 'show ssl crt-list\n',
  showPools: () => 'show pools\n',
  listAuthorities: () => 'show ssl ca-file\n',
  newAuthorities: (file: string) => `new ssl ca-file ${path(file)}\n`,
  setAuthorities: (file: string, pem: string) => `set ssl ca-file ${path(file)} <<\n${pemPayload(pem)}\n`,
  commitAuthorities: (file: string) => `commit ssl ca-file ${path(file)}\n`,
  abortAuthorities: (file: string) => `abort ssl ca-file ${anyPath(file)}\n`,
  deleteAuthorities: (file: string) => `del ssl ca-file ${path(file)}\n`,
  showMap: (map: string) => `show map ${path(map)}\n`,
  addToMap: (map: string, name: string, value: string) =>
    `add map ${path(map)} ${servedName(name)} ${value}\n`,
  setInMap: (map: string, name: string, value: string) =>
    `set map ${path(map)} ${servedName(name)} ${value}\n`,
  deleteFromMap: (map: string, name: string) => `del map ${path(map)} ${servedName(name)}\n`,
  showList: (list: string) => `show ssl crt-list -n ${path(list)}\n`,
  addLine: (list: string, line: ListLine) => `add ssl crt-list ${path(list)} <<\n${listLine(line)}\n\n`,
  deleteLine: (list: string, file: string, line: number | null) =>
    `del ssl crt-list ${path(list)} ${path(file)}${line === null ? '' : `:${line}`}\n`,
} as const

/** HAProxy reads a command into one buffer and keeps an octet free; a longer one it drops without a word (read off 2.6.12). Null: nobody said how long it is. */
export const fitsBuffer = (command: string, bufferSize: number | null): boolean =>
  bufferSize === null || Buffer.byteLength(command) < bufferSize

/** The same on disk and over the socket. */
export function listLine({ file, options, names }: ListLine): string {
  if (!LINE_OPTIONS.test(options)) throw new Error('a crt-list option is not of the known form')
  if (names.length === 0)
    throw new Error('a crt-list line without a name would serve whatever the certificate says')
  return `${path(file)} [${options}] ${names.map(servedName).join(' ')}`
}

function servedName(name: string): string {
  if (!SERVED_NAME.test(name)) throw new Error(`a served name is not canonical: ${JSON.stringify(name)}`)
  return name
}

function path(file: string): string {
  if (!PATH.test(file) || file.includes('..'))
    throw new Error(`not a path of our own: ${JSON.stringify(file)}`)
  return file
}

function anyPath(file: string): string {
  if (!/^[^\s;<>\\]+$/.test(file)) throw new Error('a transaction is open on a file that cannot be named')
  return file
}

const base64Lines = (der: Uint8Array): string =>
  (
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  )
    .map((line) => `${line}\n`)
    .join('')

/** Ends with a newline, so that the next one is the empty line that ends the payload. */
function pemPayload(pem: string): string {
  const lines = pem.split('\n')
  if (lines.pop() !== '' || !lines.every((line) => PEM_LINE.test(line)))
    throw new Error('a certificate for HAProxy is not in our own encoding')
  return pem
}
