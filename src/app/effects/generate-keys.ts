import type { KeyAlgorithm } from '../../domain/certificate/certificate.ts'
import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { keyPairId } from '../../domain/identifiers.ts'
import type { GeneratedKey, SigningRequestSubject } from '../../ports/key-material.ts'
import type { CertificateRecord, KeyPairRecord } from '../../ports/certificates.ts'
import type { Dependencies } from '../dependencies.ts'
import { liveCertificates } from '../live-certificates.ts'
import { keyPairContext } from '../key-pairs.ts'
import { reportedAmong } from '../reported-keys.ts'
import { subjectOf } from '../subjects.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** A new pair per algorithm and change: a renewal never repeats the key, unless the enrollment says `keepKey`. Kept sealed before anything is signed with it. */
export const generateKeys: Effect = async (context) => {
  const { deps, locked, change } = context
  const made = new Set(
    (await locked.read.certificates.keyPairsOf(change.id)).map((pair) => pair.keyAlgorithm),
  )
  const live = change.action === 'renewal' ? await liveCertificates(locked.read, change.enrollmentId) : []
  const missing = algorithmsOf(context, live).filter((algorithm) => !made.has(algorithm))
  const kept = await keptKeys(context, live)
  const subject = await subjectOf(locked.read, change)
  const records = await Promise.all(
    missing.map(async (algorithm) =>
      makeKeyPair(deps, change, subject, kept.get(algorithm) ?? (await deps.keys.generate(algorithm))),
    ),
  )
  return {
    kind: 'event',
    event: 'keys-ready',
    keeps: { keyPairs: records },
  }
}

/** Third-party: RSA as on CPS's wire, both when dual-stacked. CA-issued: as configured at the first certificate; a renewal never changes the type by itself. */
function algorithmsOf(
  { deps, change: { settings } }: EffectContext,
  live: readonly CertificateRecord[],
): readonly KeyAlgorithm[] {
  if (settings.validationType === 'third-party')
    return settings.enableMultiStackedCertificates ? ['ECDSA', 'RSA'] : ['RSA']
  return live.length > 0 ? live.map(({ keyAlgorithm }) => keyAlgorithm) : [deps.authorityKeyAlgorithm]
}

/** Of what is renewed, where the enrollment wants its keys kept, and nobody has reported them; sealed anew for their new pair. */
async function keptKeys(
  { deps, locked, change }: EffectContext,
  live: readonly CertificateRecord[],
): Promise<ReadonlyMap<KeyAlgorithm, GeneratedKey>> {
  const { keepKey } = await locked.read.renewals.planOf(change.enrollmentId)
  if (!keepKey || live.length === 0) return new Map()
  const pairs = await Promise.all(live.map((each) => locked.read.certificates.keyPair(each.keyPairId)))
  const known = pairs.filter((pair) => pair !== null)
  const reported = await reportedAmong(deps, locked.read, change.accountId, known)
  return new Map(
    known.flatMap((pair) => {
      if (pair.sealedPrivateKey === null || reported.includes(pair)) return []
      const privateKey = deps.secrets.open(pair.sealedPrivateKey, keyPairContext(pair))
      const { keyAlgorithm: algorithm, publicKey } = pair
      return [[algorithm, { algorithm, privateKey, publicKey }] as const]
    }),
  )
}

async function makeKeyPair(
  deps: Dependencies,
  change: EffectContext['change'],
  subject: SigningRequestSubject,
  key: GeneratedKey,
): Promise<KeyPairRecord> {
  const names = change.settings.thirdParty?.excludeSans === true ? [] : requestedNames(change.settings)
  const id = keyPairId(deps.random.uuid())
  return {
    id,
    accountId: change.accountId,
    enrollmentId: change.enrollmentId,
    changeId: change.id,
    keyAlgorithm: key.algorithm,
    sealedPrivateKey: deps.secrets.seal(key.privateKey, keyPairContext({ id, accountId: change.accountId })),
    publicKey: key.publicKey,
    signingRequestPem: await deps.keys.createSigningRequest(key, subject, names),
    createdAt: deps.clocks.lifecycle.now(),
  }
}
