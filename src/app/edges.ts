import { NETWORKS } from '../domain/network.ts'
import type { EdgeReport, NetworkWish } from '../ports/edge-directory.ts'
import { requireInstallationOperator } from './accounts.ts'
import type { Dependencies } from './dependencies.ts'
import type { Caller, EdgeView } from './views.ts'

/** Own API. How many names a network answers is nobody's affair but of those who run the installation. */
export async function listEdges(deps: Dependencies, caller: Caller): Promise<readonly EdgeView[]> {
  requireInstallationOperator(deps, caller)
  const reports = await deps.edges.reports()
  const probes = await deps.store.read.handshakes.newestAt(reports.flatMap(({ addresses }) => addresses))
  const wishes = new Map(
    await Promise.all(NETWORKS.map(async (network) => [network, await deps.edges.wishOf(network)] as const)),
  )
  return reports.map((report) => {
    const wish = wishes.get(report.network) ?? { names: 0, digest: '' }
    const own = probes.filter(({ address }) => report.addresses.includes(address))
    const [lastProbe] = own.toSorted((one, other) => other.realAt - one.realAt)
    return {
      ...report,
      state: stateOf(report, wish),
      wishedNames: wish.names,
      lastProbe: lastProbe ?? null,
    }
  })
}

function stateOf({ isHeard, status }: EdgeReport, wish: NetworkWish): EdgeView['state'] {
  if (!isHeard) return 'silent'
  if (status === null) return 'unknown'
  if (status.fault !== null) return 'away'
  return status.digest === wish.digest ? 'serving' : 'behind'
}
