import { probeName } from '../../domain/enrollment/probe-name.ts'
import { Problem } from '../../errors/problem.ts'
import type { Handshake } from '../../ports/edge.ts'
import type { Probe } from '../probe.ts'
import type { WishedEntry } from './wished-entries.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Rejects unless every address answers the entry's first name with exactly its leaf and chain, as a client of its kind of key sees it. */
export type ProveEntry = (entry: WishedEntry, addresses: readonly Address[]) => Promise<void>

export function createProveEntry(probe: Probe, timeoutMs: number): ProveEntry {
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
