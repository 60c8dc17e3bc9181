import type { TLSSocket } from 'node:tls'
import type { EdgeGeneration } from '../../ports/edge.ts'
import { wildcardOf } from '../name-table.ts'

/** What answered: taken from the connection, not from what would answer the next one. */
export interface Answer {
  readonly name: string
  readonly network: string
  readonly enrollment: number
  readonly deployment: string
  readonly serialNumber: string
}

export function answerOf(tls: TLSSocket, name: string, generation: EdgeGeneration): Answer {
  return {
    name,
    network: generation.network,
    enrollment: generation.enrollmentId,
    deployment: generation.id,
    // The certificate of this handshake: with RSA and ECDSA on one name the client's offer decides. Read when a page says it: many handshakes are never asked for one.
    get serialNumber() {
      return tls.getX509Certificate()?.serialNumber.toLowerCase() ?? ''
    },
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
}

/** What of a request the page depends on, whichever version of HTTP brought it. */
export interface PageRequest {
  readonly method: string
  /** `Host`, or `:authority`. */
  readonly host: string | undefined
  readonly accept: string | undefined
}

export interface Page {
  readonly status: number
  /** In lower case, as HTTP/2 wants them (RFC 9113 section 8.2). */
  readonly headers: Readonly<Record<string, string | number>>
  /** For HEAD too, whose answer only tells its length. */
  readonly body: string
}

/** GET and HEAD on any path: a page that says what answered, or JSON for `Accept: application/json`. */
export function pageFor(request: PageRequest, answer: Answer, hosts: readonly string[]): Page {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return page(405, 'text/plain', 'Only GET and HEAD.\n', { allow: 'GET, HEAD' })
  if (!isForOneOf(request.host, hosts))
    return page(421, 'text/plain', `This connection is for ${hosts.join(', ')}.\n`)
  if (wantsJson(request.accept)) return page(200, 'application/json', `${JSON.stringify(answer)}\n`)
  return page(200, 'text/html; charset=utf-8', htmlOf(answer))
}

const page = (
  status: number,
  type: string,
  body: string,
  extra: Readonly<Record<string, string>> = {},
): Page => ({
  status,
  headers: {
    'content-type': type,
    vary: 'accept',
    'content-length': Buffer.byteLength(body),
    ...HEADERS,
    ...extra,
  },
  body,
})

/** RFC 9110 section 15.5.20: a Host of another name may stand under another policy. HTTP/1.0 need not send one. */
function isForOneOf(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return true
  const asked = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  return names.includes(asked) || names.includes(wildcardOf(asked))
}

function wantsJson(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => /^\s*application\/json\s*(;|$)/i.test(range))
}

const LABELS: readonly (readonly [keyof Answer, string])[] = [
  ['name', 'Name'],
  ['network', 'Network'],
  ['enrollment', 'Enrollment'],
  ['deployment', 'Deployment'],
  ['serialNumber', 'Serial number'],
]

function htmlOf(answer: Answer): string {
  const rows = LABELS.map(
    ([member, label]) => `<dt>${label}</dt><dd><code>${escape(String(answer[member]))}</code></dd>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escape(answer.name)}</title>`,
    '<style>body{font:1rem system-ui;margin:3rem auto;max-width:40rem}dd{margin:0 0 1rem}</style></head>',
    `<body><h1>${escape(answer.name)}</h1><dl>${rows.join('')}</dl></body>`,
    '</html>',
    '',
  ].join('\n')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
