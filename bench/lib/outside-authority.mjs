import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A CA run by hand with the openssl command: signs requests with the names that they ask for. */
export function makeOutsideAuthority() {
  const folder = mkdtempSync(join(tmpdir(), 'certrail-bench-ca-'))
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Bench CA',
    '-days',
    '3650',
  )
  let count = 0
  return {
    rootPem: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    sign(requestPem) {
      count += 1
      writeFileSync(join(folder, 'request.pem'), requestPem)
      const into = ['-out', 'leaf.pem', '-days', '90', '-set_serial', String(1_000_000 + count)]
      openssl(
        'x509',
        '-req',
        '-in',
        'request.pem',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-copy_extensions',
        'copyall',
        ...into,
      )
      return readFileSync(join(folder, 'leaf.pem'), 'utf8')
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
