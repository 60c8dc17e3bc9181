import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  close(): Promise<void>
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
  return {
    rootPem: await readFile(file('root.pem'), 'utf8'),
    intermediatePem: await readFile(file('intermediate.pem'), 'utf8'),
    async sign(signingRequestPem, { days = 90, from, to } = {}) {
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
    },
    close: () => rm(folder, { recursive: true, force: true }),
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
