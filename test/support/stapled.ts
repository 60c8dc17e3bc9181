import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { certificateId, type CertificateId } from '../../src/domain/identifiers.ts'
import { createOcspRequest } from '../../src/pki/ocsp-request.ts'
import type { EdgeCertificate } from '../../src/ports/edge.ts'
import type { OutsideAuthority } from './outside-authority.ts'

const run = promisify(execFile)

export interface Stapled {
  readonly certificate: EdgeCertificate
  readonly id: CertificateId
  /** From its issuer, of this moment. */
  answer(): Promise<Uint8Array>
}

/** A certificate of a CA that people run by hand, with what its responder says of it. */
export async function stapledCertificate(
  authority: OutsideAuthority,
  name: string,
  keyAlgorithm: 'ECDSA' | 'RSA' = 'ECDSA',
): Promise<Stapled> {
  const type =
    keyAlgorithm === 'RSA'
      ? ['-newkey', 'rsa:2048']
      : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const { stdout } = await run('openssl', [
    ...['req', ...type, '-nodes', '-keyout', '-', '-subj', `/CN=${name}`],
    ...['-addext', `subjectAltName=DNS:${name}`],
  ])
  const certificatePem = await authority.sign(/-----BEGIN CERTIFICATE REQUEST[^]*/.exec(stdout)?.[0] ?? '')
  const leaf = new X509Certificate(certificatePem)
  const issuer = new X509Certificate(authority.intermediatePem)
  const key = createPrivateKey(/-----BEGIN PRIVATE KEY[^]*?-----END PRIVATE KEY-----/.exec(stdout)?.[0] ?? '')
  const id = certificateId(leaf.serialNumber)
  return {
    id,
    certificate: {
      keyAlgorithm,
      certificatePem,
      chainPem: authority.intermediatePem,
      serialNumber: leaf.serialNumber.toLowerCase(),
      privateKey: () => key.export({ type: keyAlgorithm === 'RSA' ? 'pkcs1' : 'sec1', format: 'der' }),
      staple: id,
    },
    answer: () => authority.answer(createOcspRequest(leaf.raw, issuer.raw)),
  }
}

/** As openssl sees it when it asks for a status; null: none is sent. `serial`: which certificate it is of. */
export async function stapleSeen(
  address: { readonly host: string; readonly port: number },
  name: string,
  signatures = 'ECDSA+SHA256:RSA-PSS+SHA256',
): Promise<{ readonly status: string; readonly serial: string; readonly producedAt: string } | null> {
  const args = ['s_client', '-connect', `${address.host}:${address.port}`, '-servername', name, '-status']
  const { stdout } = await run('sh', [
    ...['-c', 'exec openssl "$@" </dev/null 2>&1', 'sh', ...args, '-sigalgs', signatures],
  ])
  if (stdout.includes('OCSP response: no response sent')) return null
  const found = (pattern: RegExp): string => pattern.exec(stdout)?.[1] ?? stdout
  return {
    status: found(/Cert Status: (\w+)/),
    serial: found(/Serial Number: (\w+)/).toLowerCase(),
    producedAt: found(/Produced At: (.*)/),
  }
}
