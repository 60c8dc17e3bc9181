import { join } from 'node:path'
import type { Hierarchies } from '../authority/local/hierarchy.ts'
import { writeWholeFile } from '../edge/whole-file.ts'
import { systemRoots } from './files.ts'

/** contract: Files in the home. */
export interface Ready {
  readonly api: string
  readonly console: string
  readonly staging: string
  readonly production: string
  readonly http: string
  readonly dns: string
  readonly metrics: string
  readonly contract: string
  readonly mode: 'sandbox' | 'live'
  readonly pid: number
}

export interface EdgercCredential {
  readonly clientToken: string
  readonly clientSecret: string
  readonly accessToken: string
}

const EDGERC_SECTIONS = ['default', 'cps', 'terraform']

/** EdgeGrid reads no more of a body than this. */
const MAX_BODY = 131_072

export async function writeRoots(home: string, { sandbox, service }: Hierarchies): Promise<void> {
  const roots = `${sandbox.root.certificatePem}${service.root.certificatePem}`
  await writePublic(join(home, 'root.pem'), roots)
  await writePublic(join(home, 'service-root.pem'), service.root.certificatePem)
  await writePublic(join(home, 'ca-bundle.pem'), `${(await systemRoots()).trimEnd()}\n${roots}`)
}

export async function writeEdgerc(
  home: string,
  host: string,
  credential: EdgercCredential,
  more: readonly { readonly section: string; readonly credential: EdgercCredential }[] = [],
): Promise<void> {
  const sections = [...EDGERC_SECTIONS.map((section) => ({ section, credential })), ...more]
  const text = sections.map((each) => edgercSection(each.section, host, each.credential)).join('\n')
  await writeWholeFile(join(home, 'edgerc'), text)
}

const edgercSection = (section: string, host: string, credential: EdgercCredential): string =>
  [
    `[${section}]`,
    `host = ${host}`,
    `client_token = ${credential.clientToken}`,
    `client_secret = ${credential.clientSecret}`,
    `access_token = ${credential.accessToken}`,
    `max_body = ${MAX_BODY}`,
    '',
  ].join('\n')

export const writeReady = (home: string, ready: Ready): Promise<void> =>
  writePublic(join(home, 'ready.json'), `${JSON.stringify(ready)}\n`)

/** What a person sees before `certrail ready`. */
export function readyBlock(home: string, ready: Ready): string {
  const rows: readonly (readonly [string, string])[] = [
    ['API', ready.api],
    ['staging', `${ready.staging} (TLS)`],
    ['production', `${ready.production} (TLS)`],
    ['plain HTTP', ready.http],
    ['DNS', ready.dns],
    ['metrics', ready.metrics],
    ['contract', ready.contract],
    ['credentials', join(home, 'edgerc')],
    ['roots', join(home, 'root.pem')],
  ]
  const lines = rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`)
  return [
    '',
    `Certrail, ${ready.mode} mode`,
    ...lines,
    '',
    'Try, in another terminal:',
    '  npx certrail enroll www.example.com --wait',
    '',
  ].join('\n')
}

const writePublic = (path: string, text: string): Promise<void> => writeWholeFile(path, text, { mode: 0o644 })
