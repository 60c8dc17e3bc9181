import type { CertificateRecord, Certificates, KeyPairRecord } from '../../../../src/ports/certificates.ts'
import type { Uploads } from '../../../../src/ports/uploads.ts'
import { byText, type KeptCertificate, type Tables } from './tables.ts'

const pairKey = ({ changeId, keyAlgorithm }: Pick<KeyPairRecord, 'changeId' | 'keyAlgorithm'>): string =>
  `${changeId} ${keyAlgorithm}`

/** Of a change and algorithm the first one stays. */
export function insertKeyPair({ keyPairs }: Tables, record: KeyPairRecord): void {
  if (keyPairs.get(pairKey(record)) === undefined) keyPairs.set(pairKey(record), record)
}

export function insertCertificate({ certificates }: Tables, record: CertificateRecord): void {
  const known = [...certificates.at('change', record.changeId)]
  if (known.some((one) => !one.superseded && one.keyAlgorithm === record.keyAlgorithm)) return
  certificates.set(record.id, { ...record, superseded: false })
}

const asRecord = ({
  superseded: _s,
  uploadedCertificate: _c,
  uploadedChain: _h,
  revokedAt: _r,
  ...record
}: KeptCertificate): CertificateRecord => record

const byAlgorithm = (certificates: Iterable<KeptCertificate>): readonly CertificateRecord[] =>
  byText(certificates, ({ keyAlgorithm }) => keyAlgorithm).map(asRecord)

export function createMemoryCertificates(tables: Tables): Certificates {
  const { keyPairs, certificates } = tables
  const current = (id: KeptCertificate['changeId']) =>
    byAlgorithm([...certificates.at('change', id)].filter(({ superseded }) => !superseded))
  const some = (ids: readonly KeptCertificate['id'][]) =>
    byAlgorithm([...new Set(ids)].map((id) => certificates.get(id)).filter((one) => one !== undefined))
  const withPair = (certificate: CertificateRecord) => {
    const [pair] = keyPairs.at('id', certificate.keyPairId)
    if (pair === undefined) throw new Error('a certificate without its key pair')
    const { id, accountId, sealedPrivateKey, signingRequestPem } = pair
    return { certificate, keyPair: { id, accountId, sealedPrivateKey, signingRequestPem } }
  }
  return {
    async insertKeyPair(record) {
      insertKeyPair(tables, record)
    },
    keyPairsOf: async (id) => byText(keyPairs.at('change', id), ({ keyAlgorithm }) => keyAlgorithm),
    keyPair: async (id) => [...keyPairs.at('id', id)][0] ?? null,
    async destroyKeys(id) {
      for (const pair of [...keyPairs.at('change', id)])
        keyPairs.set(pairKey(pair), { ...pair, sealedPrivateKey: null })
    },
    async insert(record) {
      insertCertificate(tables, record)
    },
    ofChange: async (id) => current(id),
    withKeyPairsOf: async (id) => current(id).map(withPair),
    withKeyPairs: async (ids) => some(ids).map(withPair),
    byIds: async (ids) => some(ids),
    async noteRevoked(id, at) {
      const found = certificates.get(id)
      if (found !== undefined && found.revokedAt === undefined)
        certificates.set(id, { ...found, revokedAt: at })
    },
    revokedAmong: async (ids) => new Set(ids.filter((id) => certificates.get(id)?.revokedAt !== undefined)),
  }
}

export function destroyKeysOf({ keyPairs }: Tables, enrollment: KeyPairRecord['enrollmentId']): void {
  for (const pair of [...keyPairs.at('enrollment', enrollment)])
    keyPairs.set(pairKey(pair), { ...pair, sealedPrivateKey: null })
}

export function createMemoryUploads({ certificates, deployments }: Tables): Uploads {
  /** What a network has seen stays, for the way back. */
  function makeRoom(change: KeptCertificate['changeId'], algorithm?: string): void {
    for (const one of [...certificates.at('change', change)]) {
      if (one.superseded || (algorithm !== undefined && one.keyAlgorithm !== algorithm)) continue
      const isSeen = [...deployments.at('change', change)].some(({ certificateIds }) =>
        certificateIds.includes(one.id),
      )
      if (isSeen) certificates.set(one.id, { ...one, superseded: true })
      else certificates.delete(one.id)
    }
  }
  return {
    async put(record) {
      makeRoom(record.changeId, record.keyAlgorithm)
      certificates.set(record.id, { ...record, superseded: false })
    },
    ofChange: async (change) =>
      byText(
        [...certificates.at('change', change)].filter(
          (one) => !one.superseded && one.uploadedCertificate !== undefined,
        ),
        ({ keyAlgorithm }) => keyAlgorithm,
      ).map(({ keyAlgorithm, uploadedCertificate, uploadedChain }) => ({
        keyAlgorithm,
        certificate: uploadedCertificate ?? '',
        trustChain: uploadedChain ?? null,
      })),
    async discard(change) {
      makeRoom(change)
    },
    // One account lives here.
    keysOfOthers: async () => new Set(),
  }
}
