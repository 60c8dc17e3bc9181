import { X509Certificate } from 'node:crypto'
import { Problem } from '../../errors/problem.ts'
import { pemBlocks, PemError, toPem } from '../../pki/pem.ts'
import type { IssuedCertificate } from '../../ports/certificate-authority.ts'
import { unfit } from './json.ts'
import { linksTo } from './links.ts'
import { AcmeRefusal, isLimit } from './problem.ts'
import type { AcmeResponse } from './send.ts'
import { type AcmeSession, post } from './session.ts'

/** RFC 8555 section 7.4.2. */
const CHAIN_TYPE = 'application/pem-certificate-chain'
const WHAT = 'a certificate'
const MOST_CERTIFICATES = 12
const MOST_ALTERNATES = 8

export interface ChainWish {
  /** Part of the name of an issuer in the wanted chain, the root's for example; letters, case and hyphens as people write them. Null: the server's own choice. */
  readonly preferredChain: string | null
  readonly signal: AbortSignal
}

/** The certificate with the chain that is wished for; when no chain fits the wish, with the one that the server prefers. */
export async function downloadCertificate(
  session: AcmeSession,
  url: string,
  { preferredChain, signal }: ChainWish,
): Promise<IssuedCertificate> {
  const response = await post(session, url, null, { signal, accept: CHAIN_TYPE })
  const first = readChain(response)
  if (preferredChain === null || leadsTo(first, preferredChain)) return first
  for (const alternate of linksTo(response, 'alternate', url).slice(0, MOST_ALTERNATES)) {
    const other = await alternateChain(session, alternate, signal)
    if (other !== null && leadsTo(other, preferredChain)) return other
  }
  return first
}

/** Null: the CA does not hand it out, or it is none. The certificate stands, and is worth more than the wish. */
async function alternateChain(
  session: AcmeSession,
  url: string,
  signal: AbortSignal,
): Promise<IssuedCertificate | null> {
  try {
    return readChain(await post(session, url, null, { signal, accept: CHAIN_TYPE }))
  } catch (error) {
    const isNone = error instanceof Problem && error.code === 'authority-refused'
    if (isNone || (error instanceof AcmeRefusal && !isLimit(error.problem))) return null
    throw error
  }
}

/** Section 7.4.2, section 9.1: PEM of the leaf and then its issuers. A root at the end is left out: no client needs it. */
export function readChain(response: AcmeResponse): IssuedCertificate {
  const [leaf, ...issuers] = blocksOf(response.body.toString('latin1'))
  if (leaf === undefined) throw unfit(WHAT, 'there is none in the answer')
  const last = issuers.at(-1)
  const intermediates = last !== undefined && isSelfIssued(last) ? issuers.slice(0, -1) : issuers
  return {
    certificatePem: toPem('CERTIFICATE', leaf),
    chainPem: intermediates.map((der) => toPem('CERTIFICATE', der)).join(''),
  }
}

function blocksOf(text: string): readonly Buffer[] {
  try {
    return pemBlocks(text, MOST_CERTIFICATES).map(({ label, der }) => {
      if (label !== 'CERTIFICATE') throw unfit(WHAT, `a block of type ${label} stands there`)
      return der
    })
  } catch (error) {
    if (error instanceof PemError) throw unfit(WHAT, error.message)
    throw error
  }
}

function isSelfIssued(der: Buffer): boolean {
  const certificate = parsed(der)
  return certificate.issuer === certificate.subject
}

function leadsTo({ certificatePem, chainPem }: IssuedCertificate, wish: string): boolean {
  const wanted = plain(wish)
  const names = blocksOf(certificatePem + chainPem).flatMap((der, index) => {
    const { issuer, subject } = parsed(der)
    return index === 0 ? [issuer] : [issuer, subject]
  })
  return names.some((name) => plain(name ?? '').includes(wanted))
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw unfit(WHAT, 'it cannot be read')
  }
}

/** CPS writes `isrg-root-x1`, the certificate says `ISRG Root X1`. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '')
