import type { X509Certificate } from 'node:crypto'
import { type Instant, SECOND, toWireTime } from '../domain/time.ts'
import type { AllowedTargets } from '../outbound/addresses.ts'
import { createOutboundFetch, OutboundFailure, type OutboundFetch } from '../outbound/guarded-fetch.ts'
import { systemAddresses } from '../outbound/system-addresses.ts'
import { pemBlocks, PemError } from '../pki/pem.ts'
import { distributionPointsOf, judgeByList, type RevocationVerdict } from '../pki/revocation-list.ts'
import { subjectOf } from './chain-judgement.ts'

/** What revocation lists say of one certificate of a path. */
export interface RevocationStanding {
  readonly subject: string
  readonly status: RevocationVerdict['status']
  /** In words: until when the list holds, when and why it was revoked, or why nothing is known. */
  readonly detail: string
  /** The list that said so; null: none did. */
  readonly list: string | null
  /** A CA need not have lists; where the certificate names some, nothing known is worth a word. */
  readonly namesLists: boolean
}

export interface RevocationLook {
  /** Leaf first, root last. */
  readonly path: readonly X509Certificate[]
  readonly at: Instant
  readonly fetch: OutboundFetch
}

const TIMEOUT_MS = 10 * SECOND
/** Let's Encrypt's are below 1 MB each; some CAs keep one list for all. */
const LARGEST_LIST_BYTES = 20 * 1_024 * 1_024
const MOST_LISTS = 3

export const createListFetch = (targets: AllowedTargets, timeoutMs = TIMEOUT_MS): OutboundFetch =>
  createOutboundFetch({
    resolve: systemAddresses,
    targets,
    timeoutMs,
    bodyLimitBytes: LARGEST_LIST_BYTES,
    trust: 'system',
    schemes: ['http:', 'https:'],
  })

/** Of every certificate below the root. That nothing can be found out is told and is no fault: a CA need not have lists. */
export const revocationsOf = ({ path, at, fetch }: RevocationLook): Promise<readonly RevocationStanding[]> =>
  Promise.all(
    path.slice(0, -1).map(async (certificate, index) => {
      const issuer = path[index + 1] ?? certificate
      return { subject: subjectOf(certificate), ...(await standingOf(certificate, issuer, at, fetch)) }
    }),
  )

/** Of those that are revoked, in words. */
export const revokedIn = (standings: readonly RevocationStanding[]): readonly string[] =>
  standings.flatMap(({ subject, status, detail }) =>
    status === 'revoked' ? [`${subject} was ${detail}`] : [],
  )

/** Of those whose lists could not be read or did not count, in words. */
export const unreadIn = (standings: readonly RevocationStanding[]): readonly string[] =>
  standings.flatMap(({ subject, status, detail, namesLists }) =>
    status === 'unknown' && namesLists ? [`whether ${subject} is revoked is not known: ${detail}`] : [],
  )

type Standing = Omit<RevocationStanding, 'subject'>

async function standingOf(
  certificate: X509Certificate,
  issuer: X509Certificate,
  at: Instant,
  fetch: OutboundFetch,
): Promise<Standing> {
  const urls = listsOf(certificate)
  if (urls === null)
    return { status: 'unknown', detail: 'what it says of lists cannot be read', list: null, namesLists: true }
  if (urls.length === 0)
    return {
      status: 'unknown',
      detail: 'the certificate names no revocation list',
      list: null,
      namesLists: false,
    }
  const told: string[] = []
  for (const url of urls.slice(0, MOST_LISTS)) {
    const verdict = await askedAt(url, { certificate: certificate.raw, issuer: issuer.raw, url, at }, fetch)
    if (verdict.status !== 'unknown')
      return { status: verdict.status, detail: words(verdict), list: url, namesLists: true }
    told.push(`${url}: ${verdict.why}`)
  }
  return { status: 'unknown', detail: told.join('; '), list: null, namesLists: true }
}

/** Null: the extension is none that RFC 5280 section 4.2.1.13 knows. */
function listsOf({ raw }: X509Certificate): readonly string[] | null {
  try {
    return distributionPointsOf(raw)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

async function askedAt(
  url: string,
  question: Parameters<typeof judgeByList>[1],
  fetch: OutboundFetch,
): Promise<RevocationVerdict> {
  try {
    const { status, body, isCut } = await fetch({ url }, new AbortController().signal)
    if (status !== 200) return { status: 'unknown', why: `answered with status ${status}` }
    if (isCut) return { status: 'unknown', why: `has more than ${LARGEST_LIST_BYTES} octets` }
    return judgeByList(derOf(body), question)
  } catch (error) {
    if (error instanceof OutboundFailure) return { status: 'unknown', why: error.message }
    if (error instanceof PemError)
      return { status: 'unknown', why: `is no revocation list: ${error.message}` }
    throw error
  }
}

/** RFC 5280 section 4.2.1.13 wants DER; some publish PEM all the same. */
const derOf = (body: Buffer): Buffer =>
  body.subarray(0, 11).toString('latin1') === '-----BEGIN '
    ? (pemBlocks(body.toString('latin1'), 1)[0]?.der ?? body)
    : body

const words = (verdict: Exclude<RevocationVerdict, { status: 'unknown' }>): string =>
  verdict.status === 'revoked'
    ? `revoked at ${toWireTime(verdict.at)} (${verdict.reason})`
    : `not revoked${verdict.nextUpdate === null ? '' : `, by a list that holds until ${toWireTime(verdict.nextUpdate)}`}`
