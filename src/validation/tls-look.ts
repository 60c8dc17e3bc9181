import { createHash } from 'node:crypto'
import { isAllowed } from '../outbound/addresses.ts'
import { shakeHands } from '../outbound/handshake.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { LookResult, LookTarget } from '../ports/challenge-look.ts'
import { ADDRESS_LIMIT_MS, ADDRESSES_LIMIT, addressesOf, type HttpLookOptions, unfound } from './http-look.ts'
import { type AddressLook, httpVerdict } from './http-verdict.ts'

const HTTPS_PORT = 443
const ACME_TLS_PROTOCOL = 'acme-tls/1'
/** RFC 8737 section 3, DER: id-pe-acmeIdentifier, critical, an OCTET STRING of 32 octets in the extension's own. */
const ACME_IDENTIFIER = Buffer.from('06082b0601050507011f0101ff04220420', 'hex')

/** RFC 8737 section 3: a handshake with each address of the name, as `http-look.ts` does it for http-01, and for the same reasons. */
export async function lookByTls(
  options: HttpLookOptions,
  target: LookTarget,
  signal: AbortSignal,
): Promise<LookResult> {
  try {
    const addresses = await addressesOf(options, target.identifier, signal)
    const looks = addresses
      .slice(0, ADDRESSES_LIMIT)
      .map((address) => lookFrom(options, target, { address, addresses }, signal))
    return httpVerdict(target.identifier, await Promise.all(looks))
  } catch (error) {
    return unfound(error)
  }
}

async function lookFrom(
  { targets, httpsPort: port = HTTPS_PORT }: HttpLookOptions,
  target: LookTarget,
  { address, addresses }: { readonly address: string; readonly addresses: readonly string[] },
  signal: AbortSignal,
): Promise<AddressLook> {
  const record = {
    hostname: target.identifier,
    port: String(port),
    url: '',
    authorities: [],
    resolvedIp: addresses,
    triedIp: address,
  }
  const told = (outcome: 'other' | 'unreached', why: string): AddressLook => ({
    address,
    outcome,
    error: `${target.identifier} at ${address}, port ${port}: ${why}.`,
    records: [{ ...record, usedIp: outcome === 'other' ? address : '' }],
    edge: null,
  })
  if (!isAllowed(address, targets))
    return told('unreached', 'not an address that Certrail may connect to (CERTRAIL_ALLOW_PRIVATE_TARGETS)')
  const proof = await withinTime(ADDRESS_LIMIT_MS, signal, (limited) =>
    proofAt({ address, port }, target, limited),
  )
  if (proof.outcome !== 'found') return told(proof.outcome, proof.error)
  return { address, outcome: 'found', error: null, records: [{ ...record, usedIp: address }], edge: null }
}

export type TlsProof =
  | { readonly outcome: 'found' }
  | { readonly outcome: 'other' | 'unreached'; readonly error: string }

/** Whether an address answers a challenge as RFC 8737 section 3 has it. Never throws. */
export async function proofAt(
  at: { readonly address: string; readonly port: number },
  { identifier, keyAuthorization }: Omit<LookTarget, 'type'>,
  signal: AbortSignal,
): Promise<TlsProof> {
  try {
    const shaken = await shakeHands({ ...at, serverName: identifier, protocol: ACME_TLS_PROTOCOL }, signal)
    if (shaken.protocol !== ACME_TLS_PROTOCOL)
      return { outcome: 'other', error: `it does not speak ${ACME_TLS_PROTOCOL}` }
    const digest = createHash('sha256').update(keyAuthorization).digest()
    const isProof =
      shaken.subjectAltName?.toLowerCase() === `dns:${identifier}` &&
      shaken.certificate?.includes(Buffer.concat([ACME_IDENTIFIER, digest])) === true
    return isProof
      ? { outcome: 'found' }
      : { outcome: 'other', error: 'its certificate is not the one for this challenge' }
  } catch (error) {
    if (signal.aborted) return { outcome: 'unreached', error: 'no answer in time' }
    return refused(error)
  }
}

/** An alert is an answer: somebody is there, and does not know the challenge. */
function refused(error: unknown): TlsProof {
  const { code = '', message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  return { outcome: code.startsWith('ERR_SSL_') ? 'other' : 'unreached', error: message }
}
