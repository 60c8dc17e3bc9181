import { readFileSync } from 'node:fs'
import { parse } from 'ini'
import type { EdgegridCredential } from '../edgegrid/sign.ts'
import { Failure } from './failure.ts'

export interface EdgercSection {
  /** As the Host header and the signature want it: with the port, without scheme and slash. */
  readonly host: string
  readonly credential: EdgegridCredential
  /** Default `accountSwitchKey` of every call. */
  readonly accountKey: string | null
}

/** One section of an edgerc file. Failure when file, section or a member is missing; values never appear in its words. */
export function readEdgerc(path: string, section: string): EdgercSection {
  return parseEdgerc(textOf(path), section, path)
}

/** The format: spec, behaviour F3. `path` is for the words of a Failure. */
export function parseEdgerc(text: string, section: string, path: string): EdgercSection {
  const members = sectionOf(parse(text), section)
  if (members === null) throw unusable(`${path} has no section [${section}].`)
  const member = (name: string): string => {
    const value = textIn(members, name)
    if (value === null) throw unusable(`Section [${section}] of ${path} has no ${name}.`)
    return value
  }
  return {
    host: hostOf(member('host')),
    credential: {
      clientToken: member('client_token'),
      clientSecret: member('client_secret'),
      accessToken: member('access_token'),
    },
    accountKey: textIn(members, 'account_key'),
  }
}

const unusable = (detail: string): Failure => new Failure({ title: 'Cannot use the edgerc', detail })

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    const words = code === 'ENOENT' ? 'there is no such file' : code
    throw unusable(`${path}: ${words}.`)
  }
}

/** `ini` makes nested objects of a dotted section name, [a.b]. */
function sectionOf(parsed: Record<string, unknown>, section: string): Record<string, unknown> | null {
  let found: unknown = parsed[section]
  if (!isRecord(found)) {
    found = section.split('.').reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), parsed)
  }
  return isRecord(found) ? found : null
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Other tools write `client-token`, too. Empty counts as missing. */
function textIn(members: Record<string, unknown>, name: string): string | null {
  const value = members[name] ?? members[name.replaceAll('_', '-')]
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
  return String(value).trim() || null
}

const hostOf = (value: string): string => value.replace(/^https:\/\//i, '').replace(/\/+$/, '')
