import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

export interface OutsideAuthority {
  readonly rootPem: string
  readonly intermediatePem: string
  /** A certificate from the request, names and subject as asked for. `days`: from now; negative: expired. */
  sign(
    signingRequestPem: string,
    options?: { readonly days?: number; readonly from?: string; readonly to?: string },
  ): Promise<string>
  /** A certificate for a key that nobody keeps. */
  signFor(name: string): Promise<string>
  /** Takes a certificate of its own back; its responder says so. */
  revoke(certificatePem: string): Promise<void>
  /** Answers OCSP requests on a free port of loopback; certificates signed from now on name it. */
  startResponder(): Promise<OcspResponder>
  /** The answer to one request (DER), signed by the CA itself or by somebody it appointed. */
  answer(request: Uint8Array, options?: { readonly by?: Signer; readonly minutes?: number }): Promise<Buffer>
  close(): Promise<void>
}

type Signer = 'authority' | 'appointee' | 'stranger'

export interface OcspResponder {
  readonly url: string
  stop(): Promise<void>
}

/** A CA as people run one by hand, by the program openssl: root, intermediate, and what it signs with that. */
export async function makeOutsideAuthority(): Promise<OutsideAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-outside-'))
  const file = (name: string): string => join(folder, name)
  const openssl = async (...args: string[]): Promise<void> => {
    await run('openssl', args, { cwd: folder })
  }
  await writeFile(file('ca.cnf'), AUTHORITY)
  await writeFile(file('sign.cnf'), SIGNING)
  const request = (name: string, ...more: string[]) =>
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-subj',
      `/O=Outside/CN=Outside ${name}`,
      ...more,
    )
  await request('root', '-x509', '-days', '3650', '-out', 'root.pem')
  await request('intermediate', '-out', 'intermediate.csr')
  await openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'intermediate.csr',
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
    ],
    ...['-days', '1825', '-extfile', 'ca.cnf', '-out', 'intermediate.pem'],
  )
  await writeFile(file('index.txt'), '')
  await writeFile(file('serial'), `${randomBytes(8).toString('hex')}\n`)
  let count = 0
  let answers = 0
  const responders: OcspResponder[] = []
  async function signerFiles(by: Signer): Promise<string[]> {
    if (by === 'authority') return ['-rsigner', 'intermediate.pem', '-rkey', 'intermediate.key']
    await request(by, '-out', `${by}.csr`)
    await writeFile(
      file(`${by}.cnf`),
      by === 'appointee' ? 'extendedKeyUsage=OCSPSigning\n' : 'extendedKeyUsage=serverAuth\n',
    )
    await openssl(
      ...[
        'x509',
        '-req',
        '-in',
        `${by}.csr`,
        '-CA',
        'intermediate.pem',
        '-CAkey',
        'intermediate.key',
        '-CAcreateserial',
      ],
      ...['-days', '30', '-extfile', `${by}.cnf`, '-out', `${by}.pem`],
    )
    return ['-rsigner', `${by}.pem`, '-rkey', `${by}.key`]
  }
  async function sign(
    signingRequestPem: string,
    { days = 90, from, to }: { readonly days?: number; readonly from?: string; readonly to?: string } = {},
  ): Promise<string> {
    count += 1
    const name = `leaf-${count}`
    await writeFile(file(`${name}.csr`), signingRequestPem)
    // Begins before now: a certificate that begins in this very second is not valid yet for a clock that reads milliseconds before it.
    const start = from ?? openSslTime(Date.now() - 3_600_000)
    const end = to ?? openSslTime(Date.now() + days * 86_400_000)
    await openssl(
      ...['ca', '-batch', '-config', 'sign.cnf', '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext'],
      ...['-startdate', start, '-enddate', end],
    )
    return readFile(file(`${name}.pem`), 'utf8')
  }
  async function answer(
    ocspRequest: Uint8Array,
    { by = 'authority', minutes = 60 }: { readonly by?: Signer; readonly minutes?: number } = {},
  ): Promise<Buffer> {
    answers += 1
    const [asked, answered] = [`request-${answers}.der`, `response-${answers}.der`]
    await writeFile(file(asked), ocspRequest)
    await openssl(
      ...['ocsp', '-index', 'index.txt', '-CA', 'intermediate.pem', ...(await signerFiles(by))],
      ...['-reqin', asked, '-respout', answered, '-nmin', String(minutes)],
    )
    return readFile(file(answered))
  }
  return {
    rootPem: await readFile(file('root.pem'), 'utf8'),
    intermediatePem: await readFile(file('intermediate.pem'), 'utf8'),
    sign,
    async signFor(name) {
      await request(
        'forgotten',
        '-subj',
        `/CN=${name}`,
        '-addext',
        `subjectAltName=DNS:${name}`,
        '-out',
        'forgotten.csr',
      )
      return sign(await readFile(file('forgotten.csr'), 'utf8'))
    },
    async revoke(certificatePem) {
      await writeFile(file('revoked.pem'), certificatePem)
      await openssl('ca', '-config', 'sign.cnf', '-revoke', 'revoked.pem')
    },
    async startResponder() {
      const responder = await startOcspResponder(answer)
      responders.push(responder)
      await writeFile(file('sign.cnf'), `${SIGNING}authorityInfoAccess=OCSP;URI:${responder.url}\n`)
      return responder
    },
    answer,
    async close() {
      await Promise.all(responders.map((responder) => responder.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** By POST, or by GET as nginx asks (RFC 6960 appendix A.1). */
const requestIn = (request: IncomingMessage): Promise<Uint8Array> =>
  request.method === 'GET'
    ? Promise.resolve(Buffer.from(decodeURIComponent(request.url?.slice(1) ?? ''), 'base64'))
    : buffer(request)

/** Every answer is made by the program, so it knows what was signed and taken back a moment before. */
async function startOcspResponder(answer: (request: Uint8Array) => Promise<Buffer>): Promise<OcspResponder> {
  const server = createServer((request, response) => {
    requestIn(request)
      .then(answer)
      .then(
        (bytes) => response.setHeader('content-type', 'application/ocsp-response').end(bytes),
        () => response.writeHead(500).end(),
      )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const openSslTime = (epochMs: number): string =>
  `${new Date(epochMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '')}Z`

const AUTHORITY = 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n'

const SIGNING = `[ca]
default_ca=outside
[outside]
database=index.txt
serial=serial
new_certs_dir=.
certificate=intermediate.pem
private_key=intermediate.key
default_md=sha256
policy=anything
copy_extensions=copy
unique_subject=no
preserve=yes
x509_extensions=leaf
[anything]
countryName=optional
stateOrProvinceName=optional
localityName=optional
organizationName=optional
organizationalUnitName=optional
commonName=optional
[leaf]
basicConstraints=critical,CA:false
extendedKeyUsage=serverAuth
`
