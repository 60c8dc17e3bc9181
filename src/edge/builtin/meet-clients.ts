import type { ClientOffer } from '../../domain/comparison/client-kinds.ts'
import { Problem } from '../../errors/problem.ts'
import type { BoundAddress } from '../../inbound/listen.ts'
import type { Encounter, Handshake } from '../../ports/edge.ts'
import type { Probe, Sight } from '../probe.ts'

export interface MeetingPlaces {
  readonly addresses: readonly BoundAddress[]
  /** Where clients that say no name are met. */
  readonly slots: readonly BoundAddress[]
  readonly probe: Probe
  /** For one handshake. */
  readonly timeoutMs: number
}

export interface Meeting {
  readonly clients: readonly ClientOffer[]
  readonly serverName: string | null
  readonly signal: AbortSignal
}

/** For each client, in the order given, how each place met it. */
export async function meetClients(
  places: MeetingPlaces,
  { clients, serverName, signal }: Meeting,
): Promise<readonly (readonly Encounter[])[]> {
  const groups = [
    { at: places.addresses, of: clients.filter(({ saysName }) => saysName), serverName },
    { at: places.slots, of: clients.filter(({ saysName }) => !saysName), serverName: null },
  ]
  const met = new Map<ClientOffer, readonly Encounter[]>()
  await Promise.all(
    groups.map(async (group) => {
      const visits = await Promise.all(
        group.at.map((place) => visit(places, place, { ...group, clients: group.of, signal })),
      )
      for (const [index, client] of group.of.entries())
        met.set(
          client,
          visits.flatMap((seen) => seen[index] ?? []),
        )
    }),
  )
  return clients.map((client) => met.get(client) ?? [])
}

/** Whoever waits for an address that is away waits once, not once for each client. */
async function visit(
  { probe, timeoutMs }: MeetingPlaces,
  place: BoundAddress,
  { clients, serverName, signal }: Meeting,
): Promise<readonly Encounter[]> {
  const shakeHands = (offer: ClientOffer) =>
    encounter(probe({ ...place, serverName, timeoutMs, signal, offer }), signal)
  const [first, ...others] = clients
  if (first === undefined) return []
  const seen = await shakeHands(first)
  if (seen === 'unreachable') return clients.map(() => seen)
  return [seen, ...(await Promise.all(others.map(shakeHands)))]
}

const REFUSALS: readonly string[] = ['alert', 'closed', 'no-agreement'] satisfies readonly Sight[]

/** A handshake that either side broke off is a refusal; a connection that never came about says nothing of the client. */
async function encounter(probing: Promise<Handshake>, signal: AbortSignal): Promise<Encounter> {
  try {
    return await probing
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem)) throw error
    return REFUSALS.includes(String(error.members['seen'])) ? 'refused' : 'unreachable'
  }
}
