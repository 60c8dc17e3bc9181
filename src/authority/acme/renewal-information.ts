import { X509Certificate } from 'node:crypto'
import { fromWireTime, type Instant } from '../../domain/time.ts'
import { structureOf } from '../../pki/certificate-structure.ts'
import { childrenOf, onlyElement } from '../../pki/der-reader.ts'
import { OID } from '../../pki/object-identifiers.ts'
import type { RenewalInformation } from '../../ports/certificate-authority.ts'
import type { Clock } from '../../ports/clock.ts'
import { isObject, objectIn, textOr, unfit } from './json.ts'
import { retryAfter } from './retry-after.ts'
import type { AcmeResponse } from './send.ts'
import type { AcmeServer } from './server.ts'

const WHAT = 'renewal information'
const KEY_IDENTIFIER_TAG = 0x80
const SERIAL_NUMBER_INDEX = 1

/** RFC 9773 section 4.1: the authority key identifier and the serial number as they stand in the DER. Null without the former. */
export function certificateIdentifier(der: Uint8Array): string | null {
  const authority = structureOf(der).extensions.get(OID.authorityKeyIdentifier)
  if (authority === undefined) return null
  const key = childrenOf(onlyElement(authority.value)).find(({ tag }) => tag === KEY_IDENTIFIER_TAG)
  if (key === undefined) return null
  return `${key.content.toString('base64url')}.${serialNumberOf(der).toString('base64url')}`
}

function serialNumberOf(der: Uint8Array): Buffer {
  const members = childrenOf(childrenOf(onlyElement(der))[0] ?? { content: Buffer.alloc(0) })
  // The version is left out of version 1 certificates; those have no extensions and do not come here.
  const serial = members[SERIAL_NUMBER_INDEX]
  if (serial === undefined) throw new RangeError('a certificate without a serial number')
  return serial.content
}

export const certificateIdentifierOfPem = (pem: string): string | null =>
  certificateIdentifier(new X509Certificate(pem).raw)

/** Null: the server offers none, or the certificate has no identifier. RFC 9773 section 4.2. */
export async function getRenewalInformation(
  server: AcmeServer,
  certificatePem: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<RenewalInformation | null> {
  const { renewalInfo } = await server.directory(signal)
  const identifier = certificateIdentifierOfPem(certificatePem)
  if (renewalInfo === null || identifier === null) return null
  const response = await server.get(`${renewalInfo.replace(/\/$/, '')}/${identifier}`, signal)
  return readRenewalInformation(response, clock.now())
}

export function readRenewalInformation(response: AcmeResponse, now: Instant): RenewalInformation {
  const body = objectIn(response.body, WHAT)
  const window = isObject(body['suggestedWindow']) ? body['suggestedWindow'] : {}
  const start = fromWireTime(textOr(window['start'], ''))
  const end = fromWireTime(textOr(window['end'], ''))
  if (start === null || end === null || end <= start) throw unfit(WHAT, 'its window has no extent')
  return {
    start,
    end,
    explanationUrl: textOr(body['explanationURL'], null),
    askAgainAt: retryAfter(response, now),
  }
}
