import { X509Certificate } from 'node:crypto'
import { DAY, type Instant, instant } from '../../src/domain/time.ts'
import { keyIdentifierOf } from '../../src/pki/extensions.ts'
import { type CertificateRequest, type Issuer, issueCertificate, issueRoot } from '../../src/pki/issue.ts'
import { generateEcKey } from '../../src/pki/key-material.ts'
import { createSigner, openPrivateKey } from '../../src/pki/private-key.ts'
import { PROFILES } from '../../src/pki/profiles.ts'
import { childOf, onlyElement } from '../../src/pki/der-reader.ts'
import type { GeneratedKey } from '../../src/ports/key-material.ts'
import { createNodeRandom } from './node-random.ts'

export interface TestAuthority {
  readonly der: Buffer
  readonly key: GeneratedKey
  readonly issuer: Issuer
}

export interface TestCertificate {
  readonly cn: string
  readonly at: Instant
  readonly key?: GeneratedKey
  readonly more?: Partial<CertificateRequest>
}

const random = createNodeRandom()

const requestFor = ({ cn, at, more }: TestCertificate, key: GeneratedKey): CertificateRequest => ({
  profile: PROFILES['sandbox-root'],
  subject: { cn },
  publicKey: key.publicKey,
  keyAlgorithm: key.algorithm,
  at,
  lifetimeMs: 3_650 * DAY,
  ...more,
})

function authorityOf(der: Buffer, key: GeneratedKey): TestAuthority {
  const signer = createSigner(key.algorithm, openPrivateKey(key))
  const notAfter = instant(Date.parse(new X509Certificate(der).validTo))
  const name = childOf(childOf(onlyElement(der), 0), 5).whole
  return { der, key, issuer: { name, keyIdentifier: keyIdentifierOf(key.publicKey), signer, notAfter } }
}

export function testRoot(wanted: TestCertificate): TestAuthority {
  const { key = generateEcKey() } = wanted
  const signer = createSigner(key.algorithm, openPrivateKey(key))
  return authorityOf(issueRoot(requestFor(wanted, key), signer, random), key)
}

/** An authority below another one; without more it may have any number below itself. */
export function testAuthority(parent: TestAuthority, wanted: TestCertificate): TestAuthority {
  const { key = generateEcKey() } = wanted
  return authorityOf(issueCertificate(requestFor(wanted, key), parent.issuer, random), key)
}

/** A leaf with the DV profile and its common name as its only name. */
export function testLeaf(parent: TestAuthority, wanted: TestCertificate): TestAuthority {
  const more = { profile: PROFILES.dv, dnsNames: [wanted.cn], lifetimeMs: 90 * DAY, ...wanted.more }
  return testAuthority(parent, { ...wanted, more })
}
