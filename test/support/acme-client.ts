import { setTimeout as delay } from 'node:timers/promises'
import { type AcmeAccount, type AccountWish, registerAccount } from '../../src/authority/acme/account.ts'
import { type AcmeAuthorization, getAuthorization } from '../../src/authority/acme/authorization.ts'
import { keyAuthorization, respondToChallenge } from '../../src/authority/acme/challenge.ts'
import { createJwsKey, type JwsKey } from '../../src/authority/acme/jws.ts'
import { type AcmeOrder, finalizeOrder, getOrder } from '../../src/authority/acme/order.ts'
import { poll } from '../../src/authority/acme/poll.ts'
import { createAcmeSend } from '../../src/authority/acme/send.ts'
import { type AcmeServer, createAcmeServer } from '../../src/authority/acme/server.ts'
import type { AcmeSession } from '../../src/authority/acme/session.ts'
import { instant } from '../../src/domain/time.ts'
import { createKeyMaterial, generateEcKey } from '../../src/pki/key-material.ts'
import { pemBlocks } from '../../src/pki/pem.ts'
import { openPrivateKey } from '../../src/pki/private-key.ts'
import type { GeneratedKey } from '../../src/ports/key-material.ts'
import type { ChallengeAnswers } from './challenge-answers.ts'
import type { Pebble } from './pebble.ts'

const clock = { now: () => instant(Date.now()) }
const signal = new AbortController().signal
const waiting = {
  clock,
  pause: (milliseconds: number) => delay(Math.min(milliseconds, 50)).then(() => undefined),
  signal,
}

export interface TestAcmeClient {
  readonly server: AcmeServer
  close(): void
}

export function createTestAcmeClient(
  pebble: Pick<Pebble, 'caPem' | 'directoryUrl'>,
  directoryUrl = pebble.directoryUrl,
): TestAcmeClient {
  const send = createAcmeSend({ trustedPem: pebble.caPem, allows: () => true })
  return { server: createAcmeServer({ send, directoryUrl, clock }), close: () => send.close() }
}

export const newAccountKey = (): JwsKey => createJwsKey(openPrivateKey(generateEcKey()))

export const PLAIN_WISH: AccountWish = { contacts: [], termsOfServiceAgreed: true, externalAccount: null }

export async function openSession(
  server: AcmeServer,
  key = newAccountKey(),
  wish = PLAIN_WISH,
): Promise<AcmeSession & { readonly account: AcmeAccount }> {
  const account = await registerAccount(server, key, wish, signal)
  return { server, signer: { key, accountUrl: account.url }, account }
}

/** Answers every open authorization of the order in this way and waits for the verdicts. */
export async function prove(
  session: AcmeSession,
  order: AcmeOrder,
  answers: ChallengeAnswers,
  type: 'http-01' | 'dns-01',
): Promise<readonly AcmeAuthorization[]> {
  return Promise.all(order.authorizationUrls.map((url) => proveOne(session, url, answers, type)))
}

async function proveOne(
  session: AcmeSession,
  url: string,
  answers: ChallengeAnswers,
  type: 'http-01' | 'dns-01',
): Promise<AcmeAuthorization> {
  const { authorization } = await getAuthorization(session, url, signal)
  if (authorization.status !== 'pending') return authorization
  const wildcard = authorization.identifier.startsWith('*.')
  const challenge = authorization.challenges.find((one) => one.type === (wildcard ? 'dns-01' : type))
  if (challenge === undefined) throw new Error(`no challenge for ${authorization.identifier}`)
  const { token } = challenge
  answers.publish(authorization.identifier, token, keyAuthorization(token, session.signer.key.thumbprint))
  await respondToChallenge(session, challenge, signal)
  const polled = await poll(
    waiting,
    null,
    async () => {
      const { authorization: value, response } = await getAuthorization(session, url, signal)
      return { value, response }
    },
    (one) => one.status === 'pending',
  )
  return polled.value
}

export interface TestSigningRequest {
  readonly key: GeneratedKey
  readonly der: Buffer
  readonly pem: string
}

export async function signingRequestFor(names: readonly string[]): Promise<TestSigningRequest> {
  const key = generateEcKey()
  const pem = await createKeyMaterial().createSigningRequest(key, { cn: names[0] ?? null }, names)
  return { key, pem, der: pemBlocks(pem, 1)[0]?.der ?? Buffer.alloc(0) }
}

/** Finalizes and waits until the order is valid or lost. */
export async function finish(session: AcmeSession, order: AcmeOrder, der: Buffer): Promise<AcmeOrder> {
  await finalizeOrder(session, order, der, signal)
  const polled = await poll(
    waiting,
    null,
    async () => {
      const { order: value, response } = await getOrder(session, order.url, signal)
      return { value, response }
    },
    (one) => one.status === 'processing' || one.status === 'ready',
  )
  return polled.value
}
