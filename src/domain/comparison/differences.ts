import { clientKind } from './client-kinds.ts'
import {
  type Answer,
  answersOf,
  isAnswer,
  leavesOf,
  type Observation,
  type SeenCertificate,
} from './observation.ts'

/** What a client would see differently once production is like staging. */
export interface Difference {
  readonly id: DifferenceId
  /** A plain sentence. */
  readonly text: string
}

type Look = (observation: Observation) => readonly string[]
type Row = (staging: Observation, production: Observation) => readonly string[]

/** What one side has and the other has not, in one sentence. */
const only =
  (look: Look, sentence: (values: string) => string): Row =>
  (has, lacks) => {
    const others = look(lacks)
    const values = look(has).filter((value) => !others.includes(value))
    return values.length === 0 ? [] : [sentence(values.join(', '))]
  }
const gained = (look: Look, sentence: (values: string) => string): Row => only(look, sentence)
const lost =
  (look: Look, sentence: (values: string) => string): Row =>
  (staging, production) =>
    only(look, sentence)(production, staging)

/** Both sides as a whole. */
const changed =
  (look: Look, subject: string): Row =>
  (staging, production) => {
    const [after, before] = [look(staging), look(production)].map((values) => values.join(' and '))
    return before === after ? [] : [`${subject}: ${before || 'none'} before, ${after || 'none'} after.`]
  }

/** Client by client, where both sides answer it; those who see the same change share a sentence. */
const changedForClients =
  (look: (answer: Answer) => string, subject: string): Row =>
  (staging, production) => {
    const clientsOf = new Map<string, string[]>()
    for (const { client, outcomes } of staging.meetings) {
      const [after, before] = [outcomes, outcomesOf(production, client)].map((each) =>
        distinct(each.filter(isAnswer).map(look)).join(' or '),
      )
      if (!after || !before || after === before) continue
      const change = `${subject}: ${before} before, ${after} after`
      clientsOf.set(change, [...(clientsOf.get(change) ?? []), clientKind(client).words])
    }
    return [...clientsOf].map(([change, clients]) => `${change}, for ${clients.join(', ')}.`)
  }

const outcomesOf = ({ meetings }: Observation, client: string) =>
  meetings.find((meeting) => meeting.client === client)?.outcomes ?? []

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort()
const ofLeaves =
  (look: (certificate: SeenCertificate) => readonly string[]): Look =>
  (observation) =>
    distinct(leavesOf(observation).flatMap(look))

const namesServed: Look = ({ servedNames }) => servedNames
/** Whom one side answers and the other refuses; of whom it keeps no address for, or could not be asked, nothing is said. */
const answeredOnlyBy = (has: Observation, lacks: Observation): readonly string[] =>
  has.meetings
    .filter(({ client, outcomes }) => {
      const there = outcomesOf(lacks, client)
      return outcomes.some(isAnswer) && !there.some(isAnswer) && there.some(({ seen }) => seen === 'refused')
    })
    .map(({ client }) => clientKind(client).words)

const clientsSentence = (clients: readonly string[], verb: string): readonly string[] =>
  clients.length === 0 ? [] : [`Production ${verb} to answer ${clients.join(', ')}.`]

const versionsSpoken: Look = (observation) => distinct(answersOf(observation).map(({ protocol }) => protocol))

/** Of each answer the certificates behind its leaf, by their subjects where they are known. */
const chains: Look = (observation) => {
  const subjectOf = new Map(
    observation.certificates.map(({ fingerprint, subject }) => [fingerprint, subject]),
  )
  return distinct(
    answersOf(observation).map(({ sent }) => {
      const authorities = sent
        .slice(1)
        .map((fingerprint) => `${subjectOf.get(fingerprint) ?? ''} (SHA-256 ${fingerprint.slice(0, 16)}…)`)
      return authorities.length === 0 ? 'the certificate alone' : authorities.join(' > ')
    }),
  )
}

/** RFC 5280 section 4.2.1.12. */
const PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'server authentication',
  '1.3.6.1.5.5.7.3.2': 'client authentication',
}
const purposes = ofLeaves(({ extendedKeyUsages }) => extendedKeyUsages.map((oid) => PURPOSES[oid] ?? oid))
const keyType = ofLeaves(({ keyAlgorithm, keyBits }) => [`${keyAlgorithm} ${keyBits}`])

/** One row for each kind of difference, with what is said of it; docs/comparison.md shows them. */
export const DIFFERENCES = {
  'names-gained': {
    about: 'names that the enrollment begins to answer on production',
    row: gained(namesServed, (names) => `The enrollment begins to answer ${names} on production.`),
  },
  'names-lost': {
    about: 'names that it ceases to answer there',
    row: lost(namesServed, (names) => `The enrollment ceases to answer ${names} on production.`),
  },
  'certificate-names-gained': {
    about: 'names in the certificates',
    row: gained(
      ofLeaves(({ names }) => names),
      (names) => `The certificate begins to name ${names}.`,
    ),
  },
  'certificate-names-lost': {
    about: 'names no longer in the certificates',
    row: lost(
      ofLeaves(({ names }) => names),
      (names) => `The certificate ceases to name ${names}.`,
    ),
  },
  certificate: {
    about: 'the certificates themselves, by serial number',
    row: changed(
      ofLeaves(({ serialNumber, fingerprint }) => [`${serialNumber} (SHA-256 ${fingerprint.slice(0, 16)}…)`]),
      'Serial number',
    ),
  },
  issuer: {
    about: 'who issued them',
    row: changed(
      ofLeaves(({ issuer }) => [issuer]),
      'Issuer',
    ),
  },
  chain: { about: 'the certificates sent along, in their order', row: changed(chains, 'Chain') },
  'key-type': { about: 'kind and bits of the keys', row: changed(keyType, 'Key') },
  'extended-key-usage': { about: 'what the certificates are for', row: changed(purposes, 'Purpose') },
  'clients-gained': {
    about: 'kinds of client that are answered from then on',
    row: (staging, production) => clientsSentence(answeredOnlyBy(staging, production), 'begins'),
  },
  'clients-lost': {
    about: 'kinds of client that are refused from then on',
    row: (staging, production) => clientsSentence(answeredOnlyBy(production, staging), 'ceases'),
  },
  'versions-gained': {
    about: 'TLS versions that are spoken from then on',
    row: gained(versionsSpoken, (versions) => `Production begins to speak ${versions}.`),
  },
  'versions-lost': {
    about: 'TLS versions that are no longer spoken',
    row: lost(versionsSpoken, (versions) => `Production ceases to speak ${versions}.`),
  },
  version: {
    about: 'the TLS version agreed with a kind of client',
    row: changedForClients(({ protocol }) => protocol, 'TLS version'),
  },
  cipher: {
    about: 'the cipher agreed with a kind of client',
    row: changedForClients(({ cipher }) => cipher || 'none agreed', 'Cipher'),
  },
  'application-protocol': {
    about: 'the protocol agreed by ALPN (RFC 7301) with a kind of client',
    row: changedForClients(({ alpn }) => alpn ?? 'none agreed', 'Application protocol'),
  },
  'certificate-octets': {
    about: 'octets of the Certificate message that a kind of client receives',
    row: changedForClients(
      ({ certificateOctets }) => `${certificateOctets} octets`,
      'Certificates on the wire',
    ),
  },
} as const satisfies Readonly<Record<string, { readonly about: string; readonly row: Row }>>

export type DifferenceId = keyof typeof DIFFERENCES
export const DIFFERENCE_IDS = Object.keys(DIFFERENCES) as readonly DifferenceId[]

/** In the order of the table. Nothing where both show the same. */
export const differencesOf = (staging: Observation, production: Observation): readonly Difference[] =>
  DIFFERENCE_IDS.flatMap((id) =>
    DIFFERENCES[id].row(staging, production).map((text): Difference => ({ id, text })),
  )
