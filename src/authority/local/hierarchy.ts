import { X509Certificate } from 'node:crypto'
import { DAY, type Instant, instant } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import { childOf, onlyElement } from '../../pki/der-reader.ts'
import type { CertificateSubjectName } from '../../pki/distinguished-name.ts'
import { keyIdentifierOf } from '../../pki/extensions.ts'
import { type CertificateRequest, type Issuer, issueCertificate, issueRoot } from '../../pki/issue.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import { toPem } from '../../pki/pem.ts'
import { createSigner, openPrivateKey } from '../../pki/private-key.ts'
import { PROFILES } from '../../pki/profiles.ts'
import type { Clocks } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { SecretContext, Secrets } from '../../ports/secrets.ts'
import type { AuthorityRecord, AuthorityRecords } from './records.ts'

export type AuthorityName = 'sandbox-root' | 'sandbox-intermediate' | 'service-root'

/** One authority with its key opened. */
export interface LocalAuthority extends Issuer {
  readonly authorityName: AuthorityName
  readonly certificatePem: string
  readonly certificateDer: Uint8Array
}

/** Signs what enrollments get; lives by the lifecycle clock. */
export interface SandboxHierarchy {
  readonly root: LocalAuthority
  readonly intermediate: LocalAuthority
}

/** Signs the API's certificate and the identities of edges, nothing for tenants; lives by the real clock. */
export interface ServiceHierarchy {
  readonly root: LocalAuthority
}

export interface Hierarchies {
  readonly sandbox: SandboxHierarchy
  readonly service: ServiceHierarchy
}

export interface HierarchyDeps {
  readonly records: AuthorityRecords
  readonly secrets: Secrets
  readonly clocks: Clocks
  readonly random: Random
}

/** The sandbox clock may be turned this far, so its intermediate must reach as far: it ends with its root. */
const SANDBOX_LIFETIME_MS = 50 * 365 * DAY
const SERVICE_LIFETIME_MS = 20 * 365 * DAY

/**
 * Opens the authorities, making those that do not exist yet. Several processes may start at once: all end with the same ones.
 * Throws `Problem('secret-unreadable')` when a key does not open or does not belong to its certificate.
 */
export async function loadHierarchies(deps: HierarchyDeps): Promise<Hierarchies> {
  const { lifecycle, real } = deps.clocks
  const sandboxRoot = await open(deps, 'sandbox-root', () =>
    newRoot('sandbox-root', SANDBOX_LIFETIME_MS, lifecycle.now(), deps),
  )
  const intermediate = await open(deps, 'sandbox-intermediate', () =>
    newIntermediate(sandboxRoot, lifecycle.now(), deps),
  )
  const serviceRoot = await open(deps, 'service-root', () =>
    newRoot('service-root', SERVICE_LIFETIME_MS, real.now(), deps),
  )
  return { sandbox: { root: sandboxRoot, intermediate }, service: { root: serviceRoot } }
}

const SUBJECTS: Readonly<Record<AuthorityName, string>> = {
  'sandbox-root': 'Certrail Sandbox Root',
  'sandbox-intermediate': 'Certrail Sandbox Intermediate',
  'service-root': 'Certrail Service Root',
}

interface NewAuthority {
  readonly certificate: Uint8Array
  readonly privateKey: Uint8Array
}

async function open(
  deps: HierarchyDeps,
  name: AuthorityName,
  make: () => NewAuthority,
): Promise<LocalAuthority> {
  const found = await deps.records.load(name)
  if (found !== null) return opened(name, found, deps.secrets)
  const { certificate, privateKey } = make()
  const record = {
    certificatePem: toPem('CERTIFICATE', certificate),
    sealedKey: deps.secrets.seal(privateKey, contextOf(name)),
  }
  return opened(name, await deps.records.insertIfAbsent(name, record), deps.secrets)
}

const contextOf = (name: AuthorityName): SecretContext => ({
  account: 'system',
  object: `authority:${name}`,
  version: 1,
})

function opened(name: AuthorityName, record: AuthorityRecord, secrets: Secrets): LocalAuthority {
  const certificate = new X509Certificate(record.certificatePem)
  const key = openPrivateKey({
    algorithm: 'ECDSA',
    privateKey: secrets.open(record.sealedKey, contextOf(name)),
  })
  if (!certificate.checkPrivateKey(key)) {
    throw new Problem('secret-unreadable', { detail: `The key of ${name} is not that of its certificate.` })
  }
  return {
    authorityName: name,
    certificatePem: record.certificatePem,
    certificateDer: certificate.raw,
    // Byte for byte what its certificate says: issuer and subject are compared so.
    name: childOf(childOf(onlyElement(certificate.raw), 0), 5).whole,
    keyIdentifier: keyIdentifierOf(certificate.publicKey.export({ format: 'der', type: 'spki' })),
    signer: createSigner('ECDSA', key),
    notAfter: instant(Date.parse(certificate.validTo)),
  }
}

function newRoot(
  name: 'sandbox-root' | 'service-root',
  lifetimeMs: number,
  at: Instant,
  { random }: HierarchyDeps,
): NewAuthority {
  const key = generateEcKey()
  const request = requestFor(name, key.publicKey, at, lifetimeMs, random)
  const certificate = issueRoot(request, createSigner('ECDSA', openPrivateKey(key)), random)
  return { certificate, privateKey: key.privateKey }
}

function newIntermediate(root: LocalAuthority, at: Instant, { random }: HierarchyDeps): NewAuthority {
  const key = generateEcKey()
  const request = requestFor('sandbox-intermediate', key.publicKey, at, SANDBOX_LIFETIME_MS, random)
  return { certificate: issueCertificate(request, root, random), privateKey: key.privateKey }
}

const requestFor = (
  name: AuthorityName,
  publicKey: Uint8Array,
  at: Instant,
  lifetimeMs: number,
  random: Random,
): CertificateRequest => ({
  profile: PROFILES[name],
  subject: subjectOf(name, random),
  publicKey,
  keyAlgorithm: 'ECDSA',
  at,
  lifetimeMs,
})

/** A few random digits keep the roots of two installations apart in a trust store. */
const subjectOf = (name: AuthorityName, random: Random): CertificateSubjectName => ({
  o: 'Certrail',
  cn: `${SUBJECTS[name]} ${Buffer.from(random.bytes(3)).toString('hex')}`,
})
