import { randomUUID } from 'node:crypto'
import type { NetworkConfiguration } from '../../src/domain/enrollment/enrollment.ts'
import { accountId, changeId, deploymentId, enrollmentId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import type { EdgeCertificate, EdgeGeneration } from '../../src/ports/edge.ts'
import type { TestAuthority, TestCertificate } from './self-signed.ts'

const SETTINGS: NetworkConfiguration = {
  geography: 'core',
  secureNetwork: 'enhanced-tls',
  mustHaveCiphers: 'ak-akamai-default',
  preferredCiphers: 'ak-akamai-default',
  disallowedTlsVersions: [],
  sniOnly: true,
  dnsNameSettings: null,
  quicEnabled: false,
  ocspStapling: 'not-set',
  clientMutualAuthentication: null,
  fipsMode: false,
}

export function edgeCertificateOf(certificate: TestCertificate, chainPem: string): EdgeCertificate {
  const { keyAlgorithm, certificatePem, serialNumber, privateKey } = certificate
  return { keyAlgorithm, certificatePem, chainPem, serialNumber, privateKey: () => privateKey, staple: null }
}

export function generationOf(
  servedNames: readonly string[],
  certificates: readonly EdgeCertificate[],
  options: {
    readonly network?: Network
    readonly enrollment?: number
    readonly settings?: Partial<NetworkConfiguration>
  } = {},
): EdgeGeneration {
  return {
    id: deploymentId(randomUUID()),
    network: options.network ?? 'staging',
    accountId: accountId('test-account'),
    enrollmentId: enrollmentId(options.enrollment ?? 10_001),
    changeId: changeId(10_002),
    servedNames,
    certificates,
    settings: { ...SETTINGS, ...options.settings },
  }
}

/** A fresh ECDSA certificate for the names, with the intermediate as its chain. */
export async function issueGeneration(
  authority: TestAuthority,
  names: readonly string[],
  network: Network = 'staging',
  settings: Partial<NetworkConfiguration> = {},
): Promise<EdgeGeneration> {
  const certificate = await authority.issue(names)
  const certificates = [edgeCertificateOf(certificate, authority.intermediatePem)]
  return generationOf(names, certificates, { network, settings })
}

/** What `assign` takes to make a generation answer all its names. */
export function allNamesOf(generation: EdgeGeneration): ReadonlyMap<string, EdgeGeneration['id']> {
  return new Map(generation.servedNames.map((name) => [name, generation.id]))
}
