import { firstToExpire } from '../../domain/certificate/first-to-expire.ts'
import { probeName } from '../../domain/enrollment/probe-name.ts'
import { MINUTE, plus, toWireTime } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge, Handshake } from '../../ports/edge.ts'
import type { LiveDeployment, ServedLook } from '../../ports/watch.ts'
import type { Dependencies } from '../dependencies.ts'

/** Everything that is live is looked at so often, real clock. */
const LOOK_EVERY_MS = 15 * MINUTE
/** What was not as it should be, sooner: it may have been a moment between two deployments. */
const LOOK_AT_TROUBLE_EVERY_MS = MINUTE
const AT_ONCE = 8
const MOST_IN_A_ROUND = 400

type Wanted = Pick<Dependencies, 'store' | 'clocks' | 'edges' | 'certificates'>

/**
 * Makes a full handshake with every address of the network for what has not been looked at for a while; says how many deployments were looked at. What each network
 * truly serves is known by this alone: what the database wishes, or what was once proven, may have been lost since.
 */
export async function lookAtServed(deps: Wanted, signal: AbortSignal): Promise<number> {
  const { store, clocks } = deps
  const { watch } = store.read
  let looked = 0
  for (let taken = AT_ONCE; taken === AT_ONCE && looked < MOST_IN_A_ROUND && !signal.aborted; ) {
    const now = clocks.real.now()
    const next = await watch.takeForLook({ now, againAt: plus(now, LOOK_EVERY_MS) }, AT_ONCE)
    taken = next.taken
    await Promise.all(
      next.live.map(async (live) => {
        const look = await lookAt(deps, live, signal)
        if (!signal.aborted) await keep(deps, look)
      }),
    )
    looked += next.live.length
  }
  return looked
}

async function keep({ store, clocks }: Wanted, look: ServedLook): Promise<void> {
  const seenAt = clocks.real.now()
  const againAfter = look.problem === null ? LOOK_EVERY_MS : LOOK_AT_TROUBLE_EVERY_MS
  await store.read.watch.looked(look, seenAt, plus(seenAt, againAfter))
}

async function lookAt(deps: Wanted, live: LiveDeployment, signal: AbortSignal): Promise<ServedLook> {
  const edges = await deps.edges.edgesOf(live.network)
  const seen = await Promise.all(edges.map((edge) => lookOn(deps, edge, live, signal)))
  const first = firstToExpire(seen.flatMap(({ validity }) => (validity === null ? [] : [validity])))
  const problem = seen.find((one) => one.problem !== null)?.problem ?? null
  const nobody = edges.length === 0 ? `No edge of the ${live.network} network is known.` : null
  return { id: live.id, validity: first ?? null, problem: problem ?? nobody }
}

type Seen = Pick<ServedLook, 'validity' | 'problem'>

async function lookOn(deps: Wanted, edge: Edge, live: LiveDeployment, signal: AbortSignal): Promise<Seen> {
  try {
    const seen = await edge.probe(probeName(live.name), signal)
    return judged(deps, seen, live)
  } catch (error) {
    const detail = error instanceof Problem ? error.message : 'it could not be asked'
    return { validity: null, problem: `${edge.id}: ${detail}` }
  }
}

function judged({ certificates }: Wanted, seen: Handshake, live: LiveDeployment): Seen {
  const wished = live.certificates.find(({ fingerprint }) => fingerprint === seen.fingerprint)
  if (wished !== undefined) return { validity: wished, problem: null }
  const [leaf] = seen.certificates
  const other = leaf === undefined ? null : certificates.read(leaf)
  const until = other === null ? '' : `, valid to ${toWireTime(other.notAfter)}`
  const problem = `${seen.address} answers for ${live.name} with another certificate (serial ${seen.serialNumber}${until}).`
  return { validity: other, problem }
}
