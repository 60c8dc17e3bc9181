import type { CertificateFacts } from '../domain/certificate/certificate.ts'
import type { Network } from '../domain/network.ts'
import { Problem } from '../errors/problem.ts'
import type { TrustChainSetRecord, TrustChainSetRevision } from '../ports/trust-chain-sets.ts'
import type { Dependencies } from './dependencies.ts'
import { requireRoomForRevision, requireRoomForTrustChainSet } from './quotas.ts'
import type { Caller, TrustAnchorView, TrustChainSetView } from './views.ts'

export interface NewTrustChainSet {
  /** Null: Certrail gives one. */
  readonly id: string | null
  readonly name: string
  /** PEM, one after another. */
  readonly certificates: string
}

/** @throws Problem 'not-found' */
export async function getTrustChainSet(
  deps: Dependencies,
  caller: Caller,
  id: string,
): Promise<TrustChainSetView> {
  const { trustChainSets } = deps.store.read
  const set = await trustChainSets.find(caller.accountId, id)
  if (set === null) throw new Problem('not-found')
  const [revisions, references] = await Promise.all([
    trustChainSets.revisions(caller.accountId, id),
    trustChainSets.referencesTo(caller.accountId, id),
  ])
  return { set, revisions: revisions.map((revision) => revisionView(deps, revision)), references }
}

const revisionView = ({ certificates }: Dependencies, revision: TrustChainSetRevision) => ({
  revision: revision.revision,
  createdBy: revision.createdBy,
  createdAt: revision.realCreatedAt,
  certificates: revision.certificates.map((pem) => anchorView(pem, certificates.read(pem))),
})

const anchorView = (pem: string, facts: CertificateFacts): TrustAnchorView => ({
  pem,
  subject: subjectText(facts),
  fingerprint: facts.fingerprint,
  notAfter: facts.notAfter,
})

/** Its first revision is enforced on both networks from now on, wherever enrollments name the id already. */
export async function createTrustChainSet(
  deps: Dependencies,
  caller: Caller,
  input: NewTrustChainSet,
): Promise<TrustChainSetView> {
  const anchors = readAnchors(deps, input.certificates)
  const id = input.id ?? String((await deps.store.nextIds(['trust-chain-set']))['trust-chain-set'])
  const set: TrustChainSetRecord = {
    accountId: caller.accountId,
    id,
    name: input.name,
    active: { staging: 1, production: 1 },
    realCreatedAt: deps.clocks.real.now(),
  }
  await deps.store.transaction(async (tx) => {
    await requireRoomForTrustChainSet(tx, deps, caller.accountId)
    if (!(await tx.trustChainSets.insert(set, revisionOf(deps, caller, set, 1, anchors))))
      throw fieldProblem('/id', 'The account has a trust-chain set with this id.')
  })
  await deps.edges.trustChanged(caller.accountId, id)
  return getTrustChainSet(deps, caller, id)
}

/** Kept beside the others; no network enforces it before it is activated there. @throws Problem 'not-found' */
export async function reviseTrustChainSet(
  deps: Dependencies,
  caller: Caller,
  id: string,
  certificates: string,
): Promise<TrustChainSetView> {
  const anchors = readAnchors(deps, certificates)
  await deps.store.transaction(async (tx) => {
    const set = await tx.trustChainSets.take(caller.accountId, id)
    if (set === null) throw new Problem('not-found')
    const earlier = await tx.trustChainSets.revisions(caller.accountId, id)
    requireRoomForRevision(deps, earlier.length)
    const number = (earlier.at(-1)?.revision ?? 0) + 1
    await tx.trustChainSets.addRevision(revisionOf(deps, caller, set, number, anchors))
  })
  return getTrustChainSet(deps, caller, id)
}

/** Also back to an earlier one. Resolves when the edges of this process enforce it; the others follow. @throws Problem 'not-found' */
export async function activateTrustChainSet(
  deps: Dependencies,
  caller: Caller,
  id: string,
  activation: { readonly network: Network; readonly revision: number },
): Promise<TrustChainSetView> {
  const { network, revision } = activation
  await deps.store.transaction(async (tx) => {
    const set = await tx.trustChainSets.take(caller.accountId, id)
    if (set === null) throw new Problem('not-found')
    const all = await tx.trustChainSets.revisions(caller.accountId, id)
    if (!all.some((each) => each.revision === revision))
      throw fieldProblem('/revision', 'The set has no such revision.')
    await tx.trustChainSets.activate(caller.accountId, id, network, revision)
  })
  await deps.edges.trustChanged(caller.accountId, id)
  return getTrustChainSet(deps, caller, id)
}

/** @throws Problem 'not-found' | 'set-in-use' */
export async function removeTrustChainSet(deps: Dependencies, caller: Caller, id: string): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if ((await tx.trustChainSets.take(caller.accountId, id)) === null) throw new Problem('not-found')
    const references = await tx.trustChainSets.referencesTo(caller.accountId, id)
    if (references.length > 0)
      throw new Problem('set-in-use', {
        detail: `Enrollments name the set: ${references.slice(0, 10).join(', ')}.`,
        members: { enrollments: references.map(String) },
      })
    await tx.trustChainSets.remove(caller.accountId, id)
  })
  await deps.edges.trustChanged(caller.accountId, id)
}

/** More than any name is opened to; their names have to fit into one message of a handshake. */
const MOST_CERTIFICATES = 30

interface Anchor {
  readonly der: Uint8Array
  readonly facts: CertificateFacts
}

/**
 * Authorities alone, each self-signed or signed by another one of the set: so whoever judges a path by them comes to the same verdict, whether an intermediate is an end of
 * the path for him or not (RFC 5280 section 6.1.1 (d)).
 */
function readAnchors(deps: Dependencies, text: string): readonly string[] {
  const { certificates } = deps
  const anchors = parsed(() =>
    certificates.split(text).map((der): Anchor => ({ der, facts: certificates.read(der) })),
  )
  const distinct = [...new Map(anchors.map((anchor) => [anchor.facts.fingerprint, anchor])).values()]
  if (distinct.length > MOST_CERTIFICATES)
    throw fieldProblem('/certificates', `must be ${MOST_CERTIFICATES} certificates at most`)
  const rooted = rootedAmong(deps, distinct)
  for (const anchor of distinct) {
    const fault = anchorFault(deps, anchor, rooted)
    if (fault !== null)
      throw fieldProblem('/certificates', `${JSON.stringify(subjectText(anchor.facts))} ${fault}`)
  }
  return distinct.map(({ der }) => certificates.toPem(der))
}

function anchorFault({ clocks }: Dependencies, anchor: Anchor, rooted: ReadonlySet<Anchor>): string | null {
  if (!anchor.facts.isAuthority) return 'is not the certificate of an authority'
  if (anchor.facts.notAfter <= clocks.real.now()) return 'has expired'
  return rooted.has(anchor) ? null : 'leads to no self-signed certificate of the set'
}

function rootedAmong(
  { certificates, clocks }: Dependencies,
  anchors: readonly Anchor[],
): ReadonlySet<Anchor> {
  const rooted = new Set(anchors.filter(({ facts }) => facts.isSelfIssued))
  const isSigned = ({ der }: Anchor): boolean =>
    certificates.verifyChain(
      der,
      [],
      [...rooted].map((root) => root.der),
      clocks.real.now(),
    ).ok
  for (let before = -1; before !== rooted.size; ) {
    before = rooted.size
    for (const anchor of anchors) if (!rooted.has(anchor) && isSigned(anchor)) rooted.add(anchor)
  }
  return rooted
}

function parsed<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (error instanceof Problem && error.code === 'malformed-certificate')
      throw fieldProblem('/certificates', error.message)
    throw error
  }
}

const subjectText = ({ subject }: CertificateFacts): string =>
  Object.entries(subject)
    .flatMap(([attribute, value]) => (value === null ? [] : [`${attribute.toUpperCase()}=${value}`]))
    .join(', ')

const fieldProblem = (field: string, detail: string): Problem =>
  new Problem('validation-error', {
    detail: 'The trust-chain set cannot be taken as it is.',
    errors: [{ field, detail }],
  })

const revisionOf = (
  { clocks }: Dependencies,
  caller: Caller,
  { id, accountId }: Pick<TrustChainSetRecord, 'id' | 'accountId'>,
  revision: number,
  certificates: readonly string[],
): TrustChainSetRevision => ({
  accountId,
  setId: id,
  revision,
  certificates,
  createdBy: caller.clientName,
  realCreatedAt: clocks.real.now(),
})
