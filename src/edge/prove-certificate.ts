import { probeName } from '../domain/enrollment/probe-name.ts'
import { Problem } from '../errors/problem.ts'
import type { EdgeCertificate, Handshake } from '../ports/edge.ts'
import type { Probe } from './probe.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Provable {
  readonly names: readonly string[]
  readonly certificate: Pick<EdgeCertificate, 'keyAlgorithm'>
  /** DER, leaf first, as a client has to see it. */
  readonly sent: readonly Uint8Array[]
}

/** Rejects unless every address answers the first name with exactly this leaf and chain, as a client of its kind of key sees it. */
export type ProveCertificate = (wished: Provable, addresses: readonly Address[]) => Promise<void>

export function createProveCertificate(probe: Probe, timeoutMs: number): ProveCertificate {
  return async ({ names, certificate, sent }, addresses) => {
    const serverName = probeName(names[0] ?? '')
    for (const address of addresses) {
      const seen = await probe({ ...address, serverName, timeoutMs, keyAlgorithm: certificate.keyAlgorithm })
      const difference = differenceOf(seen, sent)
      if (difference === null) continue
      throw new Problem('edge-unreachable', {
        detail: `${seen.address} answers for ${serverName} ${difference}.`,
        members: { address: seen.address, serverName, seen: 'other-certificate' },
      })
    }
  }
}

function differenceOf({ certificates, serialNumber }: Handshake, sent: readonly Uint8Array[]): string | null {
  const isSame = (index: number): boolean =>
    Buffer.compare(certificates[index] ?? Buffer.of(), sent[index] ?? Buffer.of()) === 0
  if (!isSame(0)) return `with another certificate (serial ${serialNumber})`
  if (certificates.length !== sent.length || !sent.every((_, index) => isSame(index)))
    return `with the right certificate and another chain (${certificates.length - 1} sent, ${sent.length - 1} meant)`
  return null
}
