import type { ChangeId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { Instant } from '../domain/time.ts'
import type { Handshake } from '../ports/edge.ts'
import type { HandshakeRecord } from '../ports/handshakes.ts'

export const handshakeRecord = (
  changeId: ChangeId,
  network: Network,
  seen: Handshake,
  realAt: Instant,
): HandshakeRecord => ({
  changeId,
  network,
  address: seen.address,
  serverName: seen.serverName ?? '',
  serialNumber: seen.serialNumber,
  fingerprint: seen.fingerprint,
  protocol: seen.protocol,
  realAt,
})
