import { CLIENT_KIND_IDS, type ClientKindId, clientKind } from '../domain/comparison/client-kinds.ts'
import type { Meeting, Observation, Outcome, SeenCertificate } from '../domain/comparison/observation.ts'
import { canonicalJson } from '../domain/change/content.ts'
import { distinguishedNameText } from '../domain/findings/third-party/certificate-text.ts'
import { probeName } from '../domain/enrollment/probe-name.ts'
import type { Network } from '../domain/network.ts'
import { Problem } from '../errors/problem.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import type { Encounter } from '../ports/edge.ts'
import type { Dependencies } from './dependencies.ts'

export interface Observed {
  readonly network: Network
  /** Met by the first one that is asked for: served names, canonical, not empty. */
  readonly askedNames: readonly string[]
  /** What the deployment that is looked at answers; none: there is none. */
  readonly servedNames: readonly string[]
}

/** Every kind of client meets every address of the network. What an edge does, or fails to do, is an outcome and never an error. */
export async function observeNetwork(
  { edges, certificates }: Pick<Dependencies, 'edges' | 'certificates'>,
  { network, askedNames, servedNames }: Observed,
  signal: AbortSignal,
): Promise<Observation> {
  const known = await edges.edgesOf(network)
  const names = [probeName(askedNames[0] ?? ''), ...askedNames]
  const offers = CLIENT_KIND_IDS.map((client) => clientKind(client).offer)
  const met = await Promise.all(known.map((edge) => edge.meet(offers, names, signal)))
  const seen = new Map<string, SeenCertificate>()
  const meetings = CLIENT_KIND_IDS.map((client, index) => {
    const encounters = met.flatMap((byClient) => byClient[index] ?? [])
    return meetingOf(
      client,
      encounters.map((encounter) => outcomeOf(encounter, certificates, seen)),
    )
  })
  const byFingerprint = [...seen].sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    servedNames: servedNames.toSorted(),
    meetings,
    certificates: byFingerprint.map(([, certificate]) => certificate),
  }
}

/** Addresses that answer alike are one outcome: how many there are says nothing of the content. */
function meetingOf(client: ClientKindId, outcomes: readonly Outcome[]): Meeting {
  const distinct = new Map(outcomes.map((outcome) => [canonicalJson(outcome), outcome]))
  const inOrder = [...distinct].sort(([one], [other]) => (one < other ? -1 : 1))
  return { client, outcomes: inOrder.map(([, outcome]) => outcome) }
}

function outcomeOf(
  encounter: Encounter,
  reader: CertificateReader,
  seen: Map<string, SeenCertificate>,
): Outcome {
  if (encounter === 'refused' || encounter === 'unreachable') return { seen: encounter }
  const sent = readAll(encounter.certificates, reader)
  if (sent === null) return { seen: 'unreadable' }
  for (const certificate of sent) seen.set(certificate.fingerprint, certificate)
  const { protocol, cipher, alpn, certificateOctets } = encounter
  return {
    seen: 'answered',
    protocol,
    cipher,
    alpn,
    sent: sent.map(({ fingerprint }) => fingerprint),
    certificateOctets,
  }
}

/** Null: there is one among them that no enrollment can have, an Ed25519 key say. */
function readAll(ders: readonly Uint8Array[], reader: CertificateReader): readonly SeenCertificate[] | null {
  try {
    return ders.map((der) => seenCertificate(der, reader))
  } catch (error) {
    if (error instanceof Problem && error.code === 'malformed-certificate') return null
    throw error
  }
}

function seenCertificate(der: Uint8Array, reader: CertificateReader): SeenCertificate {
  const facts = reader.read(der)
  return {
    fingerprint: facts.fingerprint,
    serialNumber: facts.serialNumber,
    subject: distinguishedNameText(facts.subject),
    issuer: distinguishedNameText(facts.issuer),
    keyAlgorithm: facts.keyAlgorithm,
    keyBits: facts.keyBits,
    names: facts.dnsNames.toSorted(),
    extendedKeyUsages: facts.extendedKeyUsages.toSorted(),
  }
}
