import { X509Certificate } from 'node:crypto'
import { wrongUsage } from './failure.ts'
import { textFile } from './files.ts'
import type { KeyType, Upload } from './input-calls.ts'
import type { Surroundings } from './surroundings.ts'

export interface UploadWishes {
  readonly certificates: readonly string[]
  /** As many as certificates, in their order; or one for all of them; or none. */
  readonly chains: readonly string[]
  /** As many as certificates; or none: then the certificates say it. */
  readonly keyTypes: readonly KeyType[]
}

/** Reads the files of `certrail upload`. Texts go as they stand in the file; wrong usage when the options do not fit together. */
export function uploadsOf(
  place: Pick<Surroundings, 'workingDirectory'>,
  { certificates, chains, keyTypes }: UploadWishes,
): readonly Upload[] {
  if (chains.length > 1 && chains.length !== certificates.length)
    throw wrongUsage('--chain is given once for all certificates, or once for each --cert.')
  if (keyTypes.length > 0 && keyTypes.length !== certificates.length)
    throw wrongUsage('--key-type is left out, or given once for each --cert.')
  return certificates.map((path, index) => {
    const certificate = textFile(place, path)
    const chain = chains[index] ?? chains[0]
    return {
      keyAlgorithm: keyTypes[index] ?? keyTypeOf(certificate, path),
      certificate,
      ...(chain === undefined ? {} : { trustChain: textFile(place, chain) }),
    }
  })
}

const KEY_TYPES: Readonly<Record<string, KeyType>> = { rsa: 'RSA', ec: 'ECDSA' }

function keyTypeOf(pem: string, path: string): KeyType {
  const type = asymmetricKeyType(pem, path)
  const known = KEY_TYPES[type]
  if (known !== undefined) return known
  throw wrongUsage(`The key of the certificate in ${path} is ${type}; it has to be RSA or ECDSA.`)
}

function asymmetricKeyType(pem: string, path: string): string {
  try {
    return new X509Certificate(pem).publicKey.asymmetricKeyType ?? 'of an unknown type'
  } catch {
    throw wrongUsage(`${path} holds no certificate that can be read. It has to be PEM.`)
  }
}
