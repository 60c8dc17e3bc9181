import { probeName } from '../../domain/enrollment/probe-name.ts'
import { servedNames } from '../../domain/enrollment/served-names.ts'
import {
  type CertificateId,
  type ChangeId,
  type DeploymentId,
  deploymentId,
} from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { Problem } from '../../errors/problem.ts'
import type { Edge, EdgeGeneration, Handshake } from '../../ports/edge.ts'
import type { CertificateRecord, CertificateWithKeyPair } from '../../ports/certificates.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import type { HandshakeRecord } from '../../ports/handshakes.ts'
import { generationOf } from '../generation.ts'
import { handshakeRecord } from '../handshakes.ts'
import { isStillAway, waitsOf } from './looks.ts'
import { requireUnreported } from '../reported-keys.ts'
import { compareNetworks } from './compare-networks.ts'
import { asHeld, asLater, heldBack } from './held-back.ts'
import { closedUntil, heldForWindow, heldUntil } from './hold.ts'
import { renewExpiryNotices } from '../notices/expiry-notices.ts'
import { settlementOf } from './settle.ts'
import type { Effect, EffectContext, EffectOutcome } from './outcome.ts'
import { withdrawQuietly } from './undeploy.ts'
import { endPin } from './end-pin.ts'
import { noWayBack, obstaclesBehind, tellNoWayBack } from './way-back.ts'

export const deployToStaging: Effect = (context) => deploy(context, 'staging', 'staging-deployed')
export const deployToProduction: Effect = (context) => deploy(context, 'production', 'production-deployed')

async function deploy(
  context: EffectContext,
  network: Network,
  event: 'staging-deployed' | 'production-deployed',
): Promise<EffectOutcome> {
  const { deps, change } = context
  const held = await heldBack(context, network)
  if (held !== null) return network === 'production' ? asHeld(held) : asLater(held)
  const closed = network === 'production' ? await closedUntil(context) : null
  if (closed !== null) return heldUntil(closed)
  const withKeyPairs = await certificatesToServe(context)
  const certificates = withKeyPairs.map(({ certificate }) => certificate)
  // A change of settings brings no certificate that does not serve already.
  if (change.action !== 'network-only')
    await requireUnreported(
      deps,
      context.locked.read,
      withKeyPairs.map(({ keyPair }) => keyPair),
    )
  const brought = await broughtOrKept(context, await intent(context, network, certificates), withKeyPairs)
  if ('kind' in brought) return brought
  const { deployment, handshakes } = brought
  const activates = { id: deployment.id, at: deps.clocks.lifecycle.now() }
  if (network === 'staging') {
    const progress = await heldForWindow(context)
    const keeps = { handshakes, activates }
    if (!change.settings.changeManagement) return { kind: 'event', event, keeps, progress }
    const { record, findings } = await compareNetworks(context, deployment, certificates)
    return { kind: 'event', event, keeps, findings, progress, write: (tx) => tx.comparisons.keep(record) }
  }
  const settles = await settlementOf(deps, context.locked.read, change, certificates)
  const keeps = { handshakes, activates, settles }
  return {
    kind: 'event',
    event,
    keeps,
    write: async (tx) => {
      await renewExpiryNotices(tx, change, certificates, activates.at)
      await endPin(tx, change, deployment.id)
    },
  }
}

interface Brought {
  readonly deployment: DeploymentRecord
  readonly handshakes: readonly HandshakeRecord[]
}

/** A failure that leaves the new generation where it was seen is one that somebody has to hear of. */
async function broughtOrKept(
  context: EffectContext,
  ...given: [wanted: DeploymentRecord, withKeyPairs: readonly CertificateWithKeyPair[]]
): Promise<Brought | EffectOutcome> {
  try {
    return await bring(context, ...given)
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'no-way-back')) throw error
    const { code, message: description } = error
    context.deps.observer.stepFailed({
      changeId: context.change.id,
      effect: context.change.effects[0] ?? '',
      code,
      cause: error,
    })
    const write = tellNoWayBack(context, error)
    return { kind: 'event', event: 'step-failed', failure: { code, description }, write }
  }
}

/**
 * The intent is committed first, then the edges are told, then every address is asked in a full handshake. Only what a client sees counts as
 * deployed; otherwise the names go back to what they were answered with before (invariant 6), unless clients would be worse off there: then they stay.
 * Not active yet: that is kept together with the step that it was done for.
 */
export async function bring(
  context: EffectContext,
  wanted: DeploymentRecord,
  withKeyPairs: readonly CertificateWithKeyPair[],
): Promise<Brought> {
  const { deps, locked, change, signal } = context
  const { network } = wanted
  const certificates = withKeyPairs.map(({ certificate }) => certificate)
  // Before the intent: edges of other processes take it over as soon as it is committed.
  if (wanted.settings.ocspStapling === 'on') await deps.prepareStaples(certificates, signal)
  const deployment = await locked.read.deployments.begin(wanted)
  const generation = await generationOf(deps, locked.read, deployment, withKeyPairs)
  const passed: string[] = []
  const failed: { readonly edge: string; readonly message: string }[] = []
  async function prove(edge: Edge): Promise<Handshake> {
    try {
      const seen = await proveOn(context, edge, generation, certificates)
      passed.push(edge.id)
      return seen
    } catch (error) {
      failed.push({ edge: edge.id, message: error instanceof Problem ? error.message : 'It failed.' })
      throw error
    }
  }
  try {
    const edges = await knownEdges(context, network)
    const seen = await allDone(edges.map(prove))
    const handshakes = seen.map((handshake) =>
      handshakeRecord(change.id, network, handshake, deps.clocks.real.now()),
    )
    announce(context, network, certificates, handshakes)
    return { deployment, handshakes }
  } catch (error) {
    const obstacles = await obstaclesBehind(context, [deployment])
    if (obstacles.length > 0) throw signal.aborted ? error : noWayBack({ passed, failed }, obstacles, error)
    await locked.read.deployments.revert(deployment.id)
    await withdrawQuietly(context, network, deployment)
    if (signal.aborted) throw error
    throw error instanceof Problem ? error : new Problem('edge-unreachable', { cause: error })
  }
}

/** The way back begins when nobody goes forward any more: an edge that is told late would serve what was taken back. The first failure, in the order given. */
async function allDone<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

/** A change of settings alone serves what production serves now; every other one what it brings. */
async function certificatesToServe({
  locked,
  change,
}: EffectContext): Promise<readonly CertificateWithKeyPair[]> {
  if (change.action !== 'network-only') return locked.read.certificates.withKeyPairsOf(change.id)
  const active = await locked.read.deployments.active(change.enrollmentId)
  const live = active.find(({ network }) => network === 'production')
  if (live === undefined)
    throw new Problem('internal-error', { detail: 'There is no live certificate to serve.' })
  return locked.read.certificates.withKeyPairs(live.certificateIds)
}

async function intent(
  { deps, locked, change }: EffectContext,
  network: Network,
  certificates: readonly CertificateRecord[],
): Promise<DeploymentRecord> {
  const certificateIds = certificates.map((certificate) => certificate.id)
  const generation = generationAfter(await locked.read.deployments.find(change.id, network), certificateIds)
  return {
    id: deploymentIdOf(change.id, network, generation),
    accountId: change.accountId,
    enrollmentId: change.enrollmentId,
    changeId: change.id,
    network,
    generation,
    certificateIds,
    settings: change.settings.networkConfiguration,
    servedNames: servedNames(change.settings),
    state: 'pending',
    replaces: {},
    createdAt: deps.clocks.lifecycle.now(),
    activatedAt: null,
  }
}

export const deploymentIdOf = (change: ChangeId, network: Network, generation: number): DeploymentId =>
  deploymentId([change, network, ...(generation > 1 ? [generation] : [])].join('-'))

/** The same again after a crash or a failure is the same deployment; other certificates, uploaded meanwhile, are the next one. */
function generationAfter(latest: DeploymentRecord | null, certificateIds: readonly CertificateId[]): number {
  if (latest === null) return 1
  const isSame =
    latest.certificateIds.length === certificateIds.length &&
    certificateIds.every((id) => latest.certificateIds.includes(id))
  return isSame ? latest.generation : latest.generation + 1
}

async function knownEdges({ deps }: EffectContext, network: Network): Promise<readonly Edge[]> {
  const edges = await deps.edges.edgesOf(network)
  if (edges.length === 0)
    throw new Problem('edge-unreachable', { detail: `No edge of the ${network} network is known.` })
  return edges
}

async function proveOn(
  context: EffectContext,
  edge: Edge,
  generation: EdgeGeneration,
  certificates: readonly CertificateRecord[],
): Promise<Handshake> {
  const { deps, signal } = context
  await edge.deploy(generation, signal)
  const name = probeName(generation.servedNames[0] ?? '')
  let failure: unknown
  for (const delay of await waitsOf(context)) {
    if (delay > 0) await deps.pause(delay, signal)
    if (signal.aborted) break
    try {
      const seen = await edge.probe(name, signal)
      const all = [seen, ...(await withoutName(edge, generation, signal))]
      const other = all.find((each) => !isExpected(deps, each, certificates))
      if (other === undefined) return seen
      failure = new Problem('edge-unreachable', {
        detail: `${edge.id} at ${other.address} answers ${other.serverName === null ? 'without a name' : `for ${name}`} with another certificate (serial ${other.serialNumber}).`,
      })
    } catch (error) {
      failure = error
      if (isStillAway(context, error)) break
    }
  }
  throw failure
}

/** `sniOnly: false` is promised to clients that say no name: where a listener is kept for them, they are what proves it. */
const withoutName = async (
  edge: Edge,
  { settings, servedNames }: EdgeGeneration,
  signal: AbortSignal,
): Promise<readonly Handshake[]> => (settings.sniOnly ? [] : edge.probeWithoutName(servedNames, signal))

/** Leaf and chain as they were sent, octet for octet. */
function isExpected(
  deps: EffectContext['deps'],
  seen: Handshake,
  certificates: readonly CertificateRecord[],
): boolean {
  const expected = certificates.find((certificate) => certificate.fingerprint === seen.fingerprint)
  if (expected === undefined) return false
  // A leaf that a root signed directly is sent alone.
  const chain = expected.chainPem === '' ? [] : deps.certificates.split(expected.chainPem)
  const sent = seen.certificates.slice(1)
  return sent.length === chain.length && chain.every((der, index) => equalOctets(der, sent[index]))
}

const equalOctets = (left: Uint8Array, right: Uint8Array | undefined): boolean =>
  right !== undefined && left.length === right.length && left.every((octet, index) => octet === right[index])

function announce(
  { deps, change }: EffectContext,
  network: Network,
  certificates: readonly CertificateRecord[],
  records: readonly HandshakeRecord[],
) {
  for (const record of records) {
    const served = certificates.find(({ fingerprint }) => fingerprint === record.fingerprint)
    if (served === undefined) continue
    deps.observer.handshakeSeen({
      network,
      enrollmentId: change.enrollmentId,
      serverName: record.serverName,
      notAfter: served.notAfter,
    })
  }
}
