import { X509Certificate } from 'node:crypto'
import type { Network } from '../domain/network.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import type { Deployment } from './answers.ts'
import { namesIn, notAfter } from './chain-judgement.ts'
import { type ProbeReport, probeName } from './probe-name.ts'

interface DeployedCertificate {
  readonly serialNumber: string
  readonly expiry: string
  readonly names: readonly string[]
  readonly keyAlgorithm: string | null
}

/** One network's part of `certrail deployed --json`. */
export interface DeployedReport {
  readonly network: Network
  /** Primary first; empty: nothing is deployed. */
  readonly certificates: readonly DeployedCertificate[]
  /** Null where no address is known. */
  readonly probe: ProbeReport | null
  /** What the handshake saw, in words. */
  readonly seen: string
  /** False when what is served is not what is deployed, or is not valid. */
  readonly agrees: boolean
}

export interface DeployedQuestion {
  readonly network: Network
  readonly deployment: Deployment | null
  readonly serverName: string
  readonly address: string | null
  /** PEM; asked for only when there is an address. */
  readonly roots: () => string
  readonly at: Instant
}

export async function deployedReport(question: DeployedQuestion): Promise<DeployedReport> {
  const { network, deployment, address } = question
  const certificates = deployment === null ? [] : certificatesIn(deployment)
  if (address === null)
    return { network, certificates, probe: null, seen: 'not looked: no ready.json here', agrees: true }
  const probe = await probeName({
    fetchList: null,
    name: question.serverName,
    network,
    address,
    roots: question.roots(),
    at: question.at,
  })
  return { network, certificates, probe, ...comparison(certificates, probe) }
}

/** With nothing deployed here another enrollment may well serve the name: that is no fault of this one. */
function comparison(
  deployed: readonly DeployedCertificate[],
  probe: ProbeReport,
): { readonly seen: string; readonly agrees: boolean } {
  const nothing = deployed.length === 0
  if (probe.handshake === null) {
    return { seen: nothing ? 'not served' : `NOT served: ${probe.problems.join('; ')}`, agrees: nothing }
  }
  const { serialNumber, protocol } = probe.handshake
  const same = deployed.some((certificate) => certificate.serialNumber === serialNumber)
  if (!same) return { seen: `another certificate, ${serialNumber}`, agrees: nothing }
  if (!probe.valid) return { seen: `this one, NOT valid: ${probe.problems.join('; ')}`, agrees: false }
  return { seen: `this one, ${protocol}`, agrees: true }
}

function certificatesIn(deployment: Deployment): readonly DeployedCertificate[] {
  const all = [deployment.primaryCertificate, ...(deployment.multiStackedCertificates ?? [])]
  return all.flatMap((item) => {
    if (!item?.certificate) return []
    const certificate = new X509Certificate(item.certificate)
    return [
      {
        serialNumber: certificate.serialNumber,
        expiry: item.expiry ?? toWireTime(notAfter(certificate)),
        names: namesIn(certificate),
        keyAlgorithm: item.keyAlgorithm ?? null,
      },
    ]
  })
}
