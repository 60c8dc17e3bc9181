import { type Element, childOf, childrenOf, readObjectIdentifier } from './der-reader.ts'
import { OID } from './object-identifiers.ts'

/** By AlgorithmIdentifier: RFC 4055, RFC 5758, RFC 8410, RFC 3279. */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.113549.1.1.14': 'SHA-224',
  [OID.sha256WithRsa]: 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.2.840.10045.4.3.1': 'SHA-224',
  [OID.ecdsaWithSha256]: 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
  '1.3.101.112': 'SHA-512',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
}

/** For example `SHA-256`; `unknown` for an algorithm that is in no table of ours. */
export function signatureHashOf(algorithm: Element): string {
  const oid = readObjectIdentifier(childOf(algorithm, 0).content)
  return oid === OID.rsaPss ? pssHashOf(algorithm) : (HASHES[oid] ?? 'unknown')
}

/** RFC 4055 section 3.1: `[0]` is the hash, SHA-1 when absent. */
function pssHashOf(algorithm: Element): string {
  const parameters = childrenOf(algorithm)[1]
  const hash = parameters && childrenOf(parameters).find(({ tag }) => tag === 0xa0)
  if (hash === undefined) return 'SHA-1'
  return HASHES[readObjectIdentifier(childOf(childOf(hash, 0), 0).content)] ?? 'unknown'
}
