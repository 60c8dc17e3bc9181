import type { KeyObject } from 'node:crypto'
import { Problem } from '../errors/problem.ts'
import { childOf, onlyElement } from './der-reader.ts'
import { readGeneralNames } from './general-names.ts'
import { OID } from './object-identifiers.ts'
import { PemError, pemBlocks } from './pem.ts'
import { openPublicKey } from './public-key.ts'
import { Pkcs10CertificateRequest } from './x509.ts'

export interface SigningRequestFacts {
  readonly commonNames: readonly string[]
  /** Lower case, as in the subjectAltName request. */
  readonly dnsNames: readonly string[]
  /** How many names of other kinds (addresses, mail, URIs) it asks for. */
  readonly otherNames: number
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  readonly key: KeyObject
}

const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']
const LONGEST_PEM = 65_536

/**
 * A certificate signing request from a stranger, its signature verified. Read by a library, not by our own reader, so that our writer and
 * what judges it do not share a mistake. Throws `Problem('malformed-signing-request')`.
 */
export async function readSigningRequest(pem: string): Promise<SigningRequestFacts> {
  const publicKey = signingRequestPublicKey(pem)
  const request = await parse(() => new Pkcs10CertificateRequest(Uint8Array.from(derOf(pem))))
  if (!(await parse(() => request.verify()))) throw malformed('Its signature was not made with its key.')
  // Asked for by its identifier: with a class the library answers null even when the extension is there.
  const requested = request.extensions.filter(({ type }) => type === OID.subjectAltName)
  if (requested.length > 1) throw malformed('It asks for two subjectAltName extensions.')
  const names = await parse(() => readGeneralNames(requestedNames(requested[0]?.value)))
  return {
    commonNames: request.subjectName.getField('CN'),
    dnsNames: names.dnsNames,
    otherNames: names.others + names.uris.length,
    publicKey,
    key: openPublicKey(publicKey),
  }
}

/** SubjectPublicKeyInfo, DER; nothing else is looked at. Throws `Problem('malformed-signing-request')`. */
export function signingRequestPublicKey(pem: string): Buffer {
  const der = derOf(pem)
  try {
    const key = childOf(childOf(onlyElement(der), 0), 2).whole
    openPublicKey(key)
    return key
  } catch (cause) {
    throw malformed('It is not a PKCS#10 request with a key that can be read.', cause)
  }
}

const requestedNames = (value: ArrayBuffer | undefined): { content: Buffer } =>
  value === undefined ? { content: Buffer.alloc(0) } : onlyElement(new Uint8Array(value))

function derOf(pem: string): Buffer {
  if (pem.length > LONGEST_PEM) throw malformed(`It has more than ${LONGEST_PEM} characters.`)
  try {
    const [block, ...others] = pemBlocks(pem, 1)
    if (block === undefined || others.length > 0 || !LABELS.includes(block.label)) {
      throw malformed('It is not one PEM block of type CERTIFICATE REQUEST.')
    }
    return block.der
  } catch (error) {
    throw error instanceof PemError ? malformed(`It is not PEM: ${error.message}.`) : error
  }
}

/** The library throws errors of many kinds for what it cannot read. */
async function parse<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw malformed('It is not a PKCS#10 request that can be read.', cause)
  }
}

const malformed = (detail: string, cause?: unknown): Problem =>
  new Problem('malformed-signing-request', { detail, cause })
