import { X509Certificate } from 'node:crypto'
import { DAY, HOUR, instant, plus } from '../../src/domain/time.ts'
import { generateEcKey } from '../../src/pki/key-material.ts'
import { toPem } from '../../src/pki/pem.ts'
import { PROFILES } from '../../src/pki/profiles.ts'
import { testAuthority, testLeaf, testRoot } from './test-certificates.ts'

const now = instant(Date.now())
const root = testRoot({ cn: 'Root of somebody else', at: now })
const intermediate = testAuthority(root, { cn: 'Intermediate of somebody else', at: now })

const pem = (...ders: readonly Uint8Array[]): string => ders.map((der) => toPem('CERTIFICATE', der)).join('')
const blocks = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g) ?? []

export const namesIn = (chain: string): readonly string[] =>
  new X509Certificate(chain).subjectAltName?.split(', ').map((name) => name.replace('DNS:', '')) ?? []

/** What stands in the chain's place: the same key and names unless something else is said, and another issuer. */
function reissued(
  chain: string,
  {
    names = namesIn(chain),
    at = now,
    otherKey = false,
    usages,
  }: Partial<{ names: readonly string[]; at: typeof now; otherKey: boolean; usages: readonly string[] }>,
): string {
  const publicKey = new X509Certificate(chain).publicKey.export({ format: 'der', type: 'spki' })
  const key = generateEcKey()
  const more = {
    dnsNames: [...names],
    ...(otherKey ? {} : { publicKey }),
    ...(usages === undefined ? {} : { profile: { ...PROFILES.dv, extendedKeyUsages: usages } }),
  }
  const leaf = testLeaf(intermediate, { cn: names[0] ?? '', at, key, more })
  return pem(leaf.der, intermediate.der)
}

const bareRoot = testRoot({ cn: 'Root of little words', at: now })
const bareIntermediate = testAuthority(bareRoot, { cn: 'Intermediate of little words', at: now })

/** As a CA of tomorrow may answer: no subject, no purposes, no policy, no responder and no list. Nothing is wrong with it. */
export const BARE = {
  rootPem: pem(bareRoot.der),
  answer(chain: string): string {
    const publicKey = new X509Certificate(chain).publicKey.export({ format: 'der', type: 'spki' })
    const profile = { ...PROFILES.dv, extendedKeyUsages: [], policies: [] }
    const more = { dnsNames: [...namesIn(chain)], publicKey, profile, subject: { cn: null } }
    const leaf = testLeaf(bareIntermediate, { cn: '', at: now, more })
    return pem(leaf.der, bareIntermediate.der)
  },
}

const TEN_MEGABYTES = 10 * 1_024 * 1_024

/** Ways in which a CA may answer with something else than was asked for, and what the change has to say of each. */
export const STRANGE_ANSWERS = {
  expired: {
    answer: (chain: string) => reissued(chain, { at: plus(now, -100 * DAY) }),
    says: 'it has expired',
  },
  'not-yet': {
    answer: (chain: string) => reissued(chain, { at: plus(now, 48 * HOUR) }),
    says: 'it is not valid yet',
  },
  'other-key': {
    answer: (chain: string) => reissued(chain, { otherKey: true }),
    says: 'its key is not the one of the signing request',
  },
  'other-names': {
    answer: (chain: string) => reissued(chain, { names: ['elsewhere.example'] }),
    says: 'names were added: elsewhere.example',
  },
  'more-names': {
    answer: (chain: string) => reissued(chain, { names: [...namesIn(chain), 'more.example'] }),
    says: 'names were added: more.example',
  },
  'clients-only': {
    answer: (chain: string) => reissued(chain, { usages: ['1.3.6.1.5.5.7.3.2'] }),
    says: 'it is not for servers (serverAuth is missing)',
  },
  'other-root': {
    answer: (chain: string) => reissued(chain, {}),
    says: 'The chain of the certificate does not hold',
  },
  'wrong-order': {
    answer: (chain: string) => blocks(chain).toReversed().join(''),
    says: 'its key is not the one of the signing request',
  },
  'wrong-issuer': {
    answer: (chain: string) => (blocks(chain)[0] ?? '') + pem(intermediate.der),
    says: 'The chain of the certificate is not in order',
  },
  'no-chain': {
    answer: (chain: string) => blocks(chain)[0] ?? '',
    says: 'The chain of the certificate does not hold',
  },
  'ten-megabytes': {
    answer: (chain: string) => chain.padEnd(TEN_MEGABYTES, '\n'),
    says: 'more than 262144 octets',
  },
  'no-certificate': { answer: () => 'certificates are out of stock', says: 'there is none in the answer' },
  'half-a-certificate': {
    answer: (chain: string) => (blocks(chain)[0] ?? '').replace(/\n.{64}\n/, '\n'),
    says: 'something that cannot be read',
  },
} as const

export type StrangeAnswer = keyof typeof STRANGE_ANSWERS
