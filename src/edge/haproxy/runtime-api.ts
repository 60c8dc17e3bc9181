import { Problem } from '../../errors/problem.ts'
import { commands, type ListLine } from './runtime-commands.ts'
import {
  authorityFiles,
  bufferSize,
  type CertificateList,
  certificateList,
  expectedReplies,
  isCommitted,
  isLineAdded,
  listNames,
  mapEntries,
  processInfo,
  type StoredCertificate,
  storedCertificate,
  type StoredLine,
  storedLines,
  Unexpected,
} from './runtime-replies.ts'
import type { RuntimeSocket } from './runtime-socket.ts'

/** The runtime API in verbs. Every reply is held against what was meant; a different one rejects with `Problem('edge-unreachable')`. */
export interface RuntimeApi {
  info(): Promise<{ readonly pid: number; readonly version: string }>
  certificates(): Promise<CertificateList>
  certificate(file: string): Promise<StoredCertificate | null>
  /** What the open transaction would commit. */
  pending(file: string): Promise<StoredCertificate | null>
  lines(list: string): Promise<readonly StoredLine[]>
  create(file: string): Promise<void>
  set(file: string, pem: string): Promise<void>
  /** DER of an OCSPResponse. `beside`: into the transaction that `set` has begun; else into one of its own. */
  setStaple(file: string, response: Uint8Array, where: 'beside' | 'alone'): Promise<void>
  commit(file: string): Promise<void>
  abort(file: string): Promise<void>
  addLine(list: string, line: ListLine): Promise<void>
  deleteLine(list: string, line: StoredLine): Promise<void>
  deleteCertificate(file: string): Promise<void>
  /** Octets of `tune.bufsize`; null: this version does not say. */
  bufferSize(): Promise<number | null>
  /** The crt-lists of all binds. */
  listNames(): Promise<readonly string[]>
  readonly authorities: RuntimeAuthorities
  /** Null: its configuration uses no such map. */
  map(file: string): Promise<ReadonlyMap<string, string> | null>
  /** Null takes the name out. */
  route(map: string, name: string, from: string | undefined, to: string | null): Promise<void>
}

/** Files of CA certificates (`ca-file`). HAProxy has one transaction for all of them. */
export interface RuntimeAuthorities {
  list(): Promise<{ readonly transaction: string | null; readonly counts: ReadonlyMap<string, number> }>
  create(file: string): Promise<void>
  set(file: string, pem: string): Promise<void>
  commit(file: string): Promise<void>
  abort(file: string): Promise<void>
  delete(file: string): Promise<void>
}

export function createRuntimeApi({ path, ask }: RuntimeSocket): RuntimeApi {
  const read = async <T>(command: string, parse: (reply: string) => T): Promise<T> => {
    const reply = await ask(command)
    try {
      return parse(reply)
    } catch (cause) {
      throw cause instanceof Unexpected ? refused(path, cause) : cause
    }
  }
  const tell = (command: string, about: string, isDone: (reply: string) => boolean) =>
    read(command, (reply) => {
      if (!isDone(reply)) throw new Unexpected(reply, about)
    })
  const oneOf = (texts: readonly string[]) => (reply: string) => texts.some((text) => reply.includes(text))

  return {
    info: () => read(commands.info(), processInfo),
    certificates: () => read(commands.listCertificates(), certificateList),
    certificate: (file) => read(commands.showCertificate(file), (reply) => storedCertificate(reply, file)),
    pending: (file) => read(commands.showPending(file), (reply) => storedCertificate(reply, file)),
    lines: (list) =>
      read(commands.showList(list), (reply) => {
        const lines = storedLines(reply, list)
        if (lines === null) throw new Unexpected(reply, list)
        return lines
      }),
    create: (file) => tell(commands.newCertificate(file), file, oneOf(expectedReplies.newCertificate(file))),
    set: (file, pem) =>
      tell(commands.setCertificate(file, pem), file, oneOf(expectedReplies.setCertificate(file))),
    setStaple: (file, response, where) =>
      tell(
        commands.setStaple(file, response),
        `${file}.ocsp`,
        oneOf(where === 'beside' ? expectedReplies.addedStaple(file) : expectedReplies.setCertificate(file)),
      ),
    commit: (file) => tell(commands.commitCertificate(file), file, (reply) => isCommitted(reply, file)),
    abort: (file) =>
      tell(commands.abortCertificate(file), file, oneOf(expectedReplies.abortCertificate(file))),
    addLine: (list, line) =>
      tell(commands.addLine(list, line), line.file, (reply) => isLineAdded(reply, line.file, list)),
    deleteLine: (list, { file, line }) =>
      tell(commands.deleteLine(list, file, line), file, oneOf(expectedReplies.deleteLine(file, list))),
    deleteCertificate: (file) =>
      tell(commands.deleteCertificate(file), file, oneOf(expectedReplies.deleteCertificate(file))),
    bufferSize: () => read(commands.showPools(), bufferSize),
    listNames: () => read(commands.listLists(), listNames),
    authorities: {
      list: () => read(commands.listAuthorities(), authorityFiles),
      create: (file) =>
        tell(commands.newAuthorities(file), file, oneOf(expectedReplies.newAuthorities(file))),
      set: (file, pem) =>
        tell(commands.setAuthorities(file, pem), file, oneOf(expectedReplies.setAuthorities(file))),
      commit: (file) => tell(commands.commitAuthorities(file), file, (reply) => isCommitted(reply, file)),
      abort: (file) =>
        tell(commands.abortAuthorities(file), file, oneOf(expectedReplies.abortAuthorities(file))),
      delete: (file) =>
        tell(commands.deleteAuthorities(file), file, oneOf(expectedReplies.deleteAuthorities(file))),
    },
    map: (file) => read(commands.showMap(file), mapEntries),
    // The empty line is all that HAProxy says.
    route: (map, name, from, to) =>
      tell(routeCommand(map, name, from, to), map, (reply) => reply.trim() === ''),
  }
}

function routeCommand(map: string, name: string, from: string | undefined, to: string | null): string {
  if (to === null) return commands.deleteFromMap(map, name)
  return from === undefined ? commands.addToMap(map, name, to) : commands.setInMap(map, name, to)
}

/** HAProxy answered, and not what was meant. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.members['seen'] === 'refusal'

const refused = (path: string, cause: Unexpected): Problem =>
  new Problem('edge-unreachable', {
    detail: cause.message,
    members: { address: path, seen: 'refusal' },
    cause,
  })
