import { X509Certificate } from 'node:crypto'
import type { Instant } from '../domain/time.ts'
import { structureOf } from './certificate-structure.ts'
import { sequence } from './der.ts'
import {
  childOf,
  childrenOf,
  type Element,
  onlyElement,
  readObjectIdentifier,
  readTime,
} from './der-reader.ts'
import { OID } from './object-identifiers.ts'
import { certificateIdOf } from './ocsp-request.ts'
import { isSignedBy } from './signature.ts'

export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly thisUpdate: Instant
  /** Until when it may be shown; null: newer information is there at any time, so it is worth nothing to others. */
  readonly nextUpdate: Instant | null
}

/** Why an answer counts for nothing. */
export class OcspRefusal extends Error {}

const TAG = { explicit0: 0xa0, sequence: 0x30 } as const
const SUCCESSFUL = 0
const STATUS_BY_TAG: Readonly<Record<number, OcspAnswer['status']>> = {
  0x80: 'good',
  0xa1: 'revoked',
  0x82: 'unknown',
}
/** RFC 6960 section 2.3. */
const RESPONSE_STATUS: readonly string[] = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  '',
  'sigRequired',
  'unauthorized',
]

/**
 * RFC 6960 section 3.2: the answer about this very certificate, signed by its issuer or by whom the issuer appointed. Times are not judged here.
 * Throws `OcspRefusal`.
 */
export function readOcspResponse(
  response: Uint8Array,
  certificate: Uint8Array,
  issuer: Uint8Array,
): OcspAnswer {
  try {
    const basic = basicResponseOf(response)
    requireSignature(basic, issuer)
    return answerAbout(certificateIdOf(certificate, issuer), responsesOf(basic))
  } catch (error) {
    if (error instanceof OcspRefusal) throw error
    throw new OcspRefusal('the answer is no OCSP response that can be read', { cause: error })
  }
}

/** RFC 6960 section 4.2.1: BasicOCSPResponse. */
function basicResponseOf(response: Uint8Array): Element {
  const [status, bytes] = childrenOf(onlyElement(response))
  const code = status?.content[0]
  if (code !== SUCCESSFUL)
    throw new OcspRefusal(`the responder says ${RESPONSE_STATUS[code ?? -1] ?? 'nothing that is known'}`)
  if (bytes === undefined) throw new RangeError('a successful response without bytes')
  const [type, content] = childrenOf(childOf(bytes, 0))
  if (type === undefined || content === undefined || readObjectIdentifier(type.content) !== OID.ocspBasic)
    throw new OcspRefusal('the response is of a kind that is not known')
  return onlyElement(content.content)
}

function requireSignature(basic: Element, issuer: Uint8Array): void {
  const [unsigned, algorithm, signature, certificates] = childrenOf(basic)
  if (unsigned === undefined || algorithm === undefined || signature === undefined)
    throw new RangeError('a response with too few members')
  const signed = sequenceOf(unsigned, algorithm, signature)
  const authority = new X509Certificate(issuer)
  if (isSignedBy(signed, authority.publicKey)) return
  const sent = certificates === undefined ? [] : childrenOf(childOf(certificates, 0))
  const isSignedByAppointee = sent.some(
    ({ whole }) => isAppointed(whole, authority) && isSignedBy(signed, new X509Certificate(whole).publicKey),
  )
  if (!isSignedByAppointee) throw new OcspRefusal('nobody who may speak for the issuer signed the answer')
}

/** RFC 6960 section 4.2.2.2: issued by the same issuer, and for this purpose. */
function isAppointed(certificate: Uint8Array, authority: X509Certificate): boolean {
  const { extensions, issuer } = structureOf(certificate)
  const purposes = extensions.get(OID.extendedKeyUsage)
  if (purposes === undefined || !issuer.whole.equals(structureOf(authority.raw).subject.whole)) return false
  const isForThis = childrenOf(onlyElement(purposes.value)).some(
    ({ content }) => readObjectIdentifier(content) === OID.ocspSigning,
  )
  return isForThis && isSignedBy(certificate, authority.publicKey)
}

/** ResponseData: version [0] DEFAULT v1, responderID, producedAt, responses, extensions. */
function responsesOf(basic: Element): readonly Element[] {
  const members = childrenOf(childOf(basic, 0))
  const [first] = members
  const hasVersion = first?.tag === TAG.explicit0 && childrenOf(first)[0]?.tag !== TAG.sequence
  const responses = members[hasVersion ? 3 : 2]
  if (responses === undefined) throw new RangeError('a response without answers')
  return childrenOf(responses)
}

function answerAbout(id: Buffer, responses: readonly Element[]): OcspAnswer {
  for (const response of responses) {
    const [about, state, thisUpdate, ...rest] = childrenOf(response)
    if (about === undefined || state === undefined || thisUpdate === undefined || !sameId(about, id)) continue
    const status = STATUS_BY_TAG[state.tag]
    if (status === undefined) throw new RangeError('a certificate status that does not exist')
    const next = rest.find(({ tag }) => tag === TAG.explicit0)
    return {
      status,
      thisUpdate: readTime(thisUpdate),
      nextUpdate: next === undefined ? null : readTime(childOf(next, 0)),
    }
  }
  throw new OcspRefusal('the answer is about another certificate')
}

/** The AlgorithmIdentifier may come with or without its NULL; name, key and serial number may not differ. */
function sameId(about: Element, id: Buffer): boolean {
  const [algorithm, ...named] = childrenOf(about)
  const [wantedAlgorithm, ...wanted] = childrenOf(onlyElement(id))
  if (algorithm === undefined || wantedAlgorithm === undefined) return false
  return (
    childOf(algorithm, 0).whole.equals(childOf(wantedAlgorithm, 0).whole) &&
    named.length === wanted.length &&
    named.every((part, index) => part.whole.equals(wanted[index]?.whole ?? Buffer.alloc(0)))
  )
}

const sequenceOf = (...parts: readonly Element[]): Buffer => sequence(...parts.map(({ whole }) => whole))
