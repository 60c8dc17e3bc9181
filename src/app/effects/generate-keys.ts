import type { KeyAlgorithm } from '../../domain/certificate/certificate.ts'
import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { keyPairId } from '../../domain/identifiers.ts'
import type { SigningRequestSubject } from '../../ports/key-material.ts'
import type { KeyPairRecord } from '../../ports/store.ts'
import type { Dependencies } from '../dependencies.ts'
import { liveCertificates } from '../live-certificates.ts'
import { keyPairContext } from '../key-pairs.ts'
import { subjectOf } from '../subjects.ts'
import type { Effect, EffectContext } from './outcome.ts'

/** A new pair per algorithm and change: a renewal never repeats the key. Kept sealed before anything is signed with it. */
export const generateKeys: Effect = async (context) => {
  const { deps, locked, change } = context
  const made = new Set(
    (await locked.read.certificates.keyPairsOf(change.id)).map((pair) => pair.keyAlgorithm),
  )
  const missing = (await algorithmsOf(context)).filter((algorithm) => !made.has(algorithm))
  const subject = await subjectOf(locked.read, change)
  const records = await Promise.all(missing.map((algorithm) => makeKeyPair(deps, change, subject, algorithm)))
  return {
    kind: 'event',
    event: 'keys-ready',
    keeps: { keyPairs: records },
  }
}

/** Third-party: RSA as on CPS's wire, both when dual-stacked. CA-issued: as configured at the first certificate; a renewal never changes the type by itself. */
async function algorithmsOf({
  deps,
  locked,
  change: { action, enrollmentId, settings },
}: EffectContext): Promise<readonly KeyAlgorithm[]> {
  if (settings.validationType === 'third-party')
    return settings.enableMultiStackedCertificates ? ['ECDSA', 'RSA'] : ['RSA']
  const live = action === 'renewal' ? await liveCertificates(locked.read, enrollmentId) : []
  return live.length > 0 ? live.map(({ keyAlgorithm }) => keyAlgorithm) : [deps.authorityKeyAlgorithm]
}

async function makeKeyPair(
  deps: Dependencies,
  change: EffectContext['change'],
  subject: SigningRequestSubject,
  algorithm: KeyAlgorithm,
): Promise<KeyPairRecord> {
  const key = await deps.keys.generate(algorithm)
  const names = change.settings.thirdParty?.excludeSans === true ? [] : requestedNames(change.settings)
  const id = keyPairId(deps.random.uuid())
  return {
    id,
    accountId: change.accountId,
    enrollmentId: change.enrollmentId,
    changeId: change.id,
    keyAlgorithm: algorithm,
    sealedPrivateKey: deps.secrets.seal(key.privateKey, keyPairContext({ id, accountId: change.accountId })),
    publicKey: key.publicKey,
    signingRequestPem: await deps.keys.createSigningRequest(key, subject, names),
    createdAt: deps.clocks.lifecycle.now(),
  }
}
