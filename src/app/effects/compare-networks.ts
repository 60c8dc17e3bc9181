import type { Finding } from '../../domain/change/change.ts'
import { canonicalJson } from '../../domain/change/content.ts'
import { comparisonOf } from '../../domain/comparison/comparison.ts'
import { type Promised, unexpectedOf } from '../../domain/comparison/expectation.ts'
import { finding } from '../../domain/findings/finding-text.ts'
import { tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import type { CertificateRecord } from '../../ports/certificates.ts'
import type { CertificateReader } from '../../ports/certificate-reader.ts'
import type { ComparisonRecord } from '../../ports/comparisons.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import { observeNetwork } from '../observe-network.ts'
import type { EffectContext } from './outcome.ts'

export interface Compared {
  readonly record: ComparisonRecord
  /** The change's, and what staging does that was not promised. */
  readonly findings: readonly Finding[]
}

/**
 * Meets staging, which has just been proven to serve the deployment, and production as every kind of client. It changes nothing anywhere, so that after a crash it is
 * done again; what is kept of it is kept together with the move to the acknowledgement.
 */
export async function compareNetworks(
  { deps, locked, change, signal }: EffectContext,
  deployment: DeploymentRecord,
  certificates: readonly CertificateRecord[],
): Promise<Compared> {
  const active = await locked.read.deployments.active(change.enrollmentId)
  const live = active.find(({ network }) => network === 'production')
  const liveNames = live?.servedNames ?? []
  const { servedNames } = deployment
  const shared = servedNames.filter((name) => liveNames.includes(name))
  const askedOfStaging = sharedFirst(servedNames, shared)
  const askedOfProduction = live === undefined ? servedNames : sharedFirst(liveNames, shared)
  const [name = ''] = askedOfProduction
  const [staging, production, answeredBy] = await Promise.all([
    observeNetwork(deps, { network: 'staging', askedNames: askedOfStaging, servedNames }, signal),
    observeNetwork(
      deps,
      { network: 'production', askedNames: askedOfProduction, servedNames: liveNames },
      signal,
    ),
    locked.read.deployments.answering('production', name),
  ])
  const document = canonicalJson(comparisonOf(staging, production))
  const unexpected = unexpectedOf(staging, promisedBy(deployment, certificates, deps.certificates))
  return {
    record: { deploymentId: deployment.id, document, name, answeredBy },
    findings: [
      ...change.findings.filter(({ id }) => id !== UNEXPECTED),
      ...unexpected.map(unexpectedFinding),
    ],
  }
}

/** The one text of the catalogue that may say anything; nothing else raises it. */
const UNEXPECTED = 'VALIDATION_EXCEPTION'
const unexpectedFinding = (exceptionMessage: string): Finding => finding(UNEXPECTED, { exceptionMessage })

/** A name that both serve is the one to compare. */
const sharedFirst = (names: readonly string[], shared: readonly string[]): readonly string[] => [
  ...shared,
  ...names.filter((name) => !shared.includes(name)),
]

const promisedBy = (
  { settings }: DeploymentRecord,
  certificates: readonly CertificateRecord[],
  reader: CertificateReader,
): Promised => ({
  policy: tlsPolicy(settings),
  sniOnly: settings.sniOnly,
  certificates: certificates.map(({ keyAlgorithm, fingerprint, chainPem }) => ({
    keyAlgorithm,
    sent: [
      fingerprint,
      ...(chainPem === '' ? [] : reader.split(chainPem)).map((der) => reader.read(der).fingerprint),
    ],
  })),
})
