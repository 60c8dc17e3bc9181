import { fromWireTime, plus, toWireTime } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Client } from './answers.ts'
import { parseDuration } from './duration.ts'
import { Failure, wrongUsage } from './failure.ts'
import { showTime } from './output.ts'
import { table } from './table.ts'

/** The client that an id or a name means. */
export function clientOf(clients: readonly Client[], idOrName: string): Client {
  const byId = clients.filter(({ id }) => id === idOrName)
  const found = byId.length > 0 ? byId : clients.filter(({ name }) => name === idOrName)
  const [client] = found
  if (client === undefined)
    throw new Failure({
      title: 'No such client',
      detail: `${idOrName} is neither the id nor the name of one.`,
    })
  if (found.length > 1)
    throw new Failure({
      title: 'Several clients have this name',
      detail: `Say which by its id: ${found.map(({ id }) => id).join(', ')}.`,
    })
  return client
}

/** A time on the wire, or null for never. */
export function endOf(option: string, clock: Clock): string | null {
  if (option === 'never') return null
  const milliseconds = parseDuration(option)
  if (milliseconds !== null) return toWireTime(plus(clock.now(), milliseconds))
  const at = fromWireTime(option)
  if (at === null)
    throw wrongUsage(`--expires wants a time, a duration such as 90d, or never, not ${option}.`)
  return toWireTime(at)
}

/** One line for each credential, so that a rotation can be followed. */
export function showClients(clients: readonly Client[]): string {
  if (clients.length === 0) return 'No clients.\n'
  const rows = clients.flatMap((client) =>
    client.credentials.map((credential) => [
      client.id,
      client.name,
      client.role,
      client.disabled ? 'disabled' : credential.status,
      credential.clientToken,
      orDash(credential.lastUsedAt),
      orDash(earliest(client.expiresAt, credential.expiresAt)),
    ]),
  )
  return table(['id', 'name', 'role', 'status', 'client token', 'last used', 'expires'], rows)
}

const orDash = (time: string | null): string => (time === null ? '-' : showTime(time))

/** Times of one form, so that text order is theirs. */
const earliest = (one: string | null, other: string | null): string | null =>
  [one, other].filter((time) => time !== null).toSorted()[0] ?? null
