import 'reflect-metadata'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { Agent } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { axios, Client, crypto } from 'acme-client'
import { registerAccount } from '../../dist/authority/acme/account.js'
import { getAuthorization } from '../../dist/authority/acme/authorization.js'
import { downloadCertificate } from '../../dist/authority/acme/certificate.js'
import { keyAuthorization, respondToChallenge } from '../../dist/authority/acme/challenge.js'
import { createJwsKey } from '../../dist/authority/acme/jws.js'
import { finalizeOrder, getOrder, newOrder } from '../../dist/authority/acme/order.js'
import { poll } from '../../dist/authority/acme/poll.js'
import { createAcmeSend } from '../../dist/authority/acme/send.js'
import { createAcmeServer } from '../../dist/authority/acme/server.js'

const { signal } = new AbortController()
const clock = { now: () => Date.now() }
const waiting = { clock, pause: (milliseconds) => pause(milliseconds), signal }
const accountPem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })

export async function signingRequest(name) {
  const [, pem] = await crypto.createCsr({ commonName: name }, await crypto.createPrivateEcdsaKey())
  return { pem: pem.toString(), der: Buffer.from(crypto.getPemBodyAsB64u(pem), 'base64url') }
}

/** An order from its making to the chain, each client by its own means; both have an account with a P-256 key and kept connections. */
export async function ourClient({ directoryUrl, caPem }) {
  const send = createAcmeSend({ trustedPem: caPem, allows: () => true })
  const server = createAcmeServer({ send, directoryUrl, clock })
  const key = createJwsKey(createPrivateKey(accountPem()))
  const wish = { contacts: [], termsOfServiceAgreed: true, externalAccount: null }
  const { url } = await registerAccount(server, key, wish, signal)
  const session = { server, signer: { key, accountUrl: url } }
  const look = async (orderUrl) => {
    const { order: value, response } = await getOrder(session, orderUrl, signal)
    return { value, response }
  }
  return {
    async order(name, { der }) {
      const order = await newOrder(session, { identifiers: [name], profile: null, replaces: null }, signal)
      for (const authorizationUrl of order.authorizationUrls) await prove(session, authorizationUrl)
      await finalizeOrder(session, order, der, signal)
      const { value } = await poll(
        waiting,
        null,
        () => look(order.url),
        ({ status }) => status === 'processing',
      )
      return downloadCertificate(session, value.certificateUrl, { preferredChain: null, signal })
    },
    close: () => send.close(),
  }
}

async function prove(session, url) {
  const look = async () => {
    const { authorization: value, response } = await getAuthorization(session, url, signal)
    return { value, response }
  }
  const { value } = await look()
  const challenge = value.challenges.find(({ type }) => type === 'http-01')
  keyAuthorization(challenge.token, session.signer.key.thumbprint)
  await respondToChallenge(session, challenge, signal)
  await poll(waiting, null, look, ({ status }) => status === 'pending')
}

export async function npmClient({ directoryUrl, caPem }) {
  const agent = new Agent({ ca: caPem, keepAlive: true })
  axios.defaults.httpsAgent = agent
  const client = new Client({ directoryUrl, accountKey: accountPem(), backoffMin: 20, backoffMax: 500 })
  await client.createAccount({ termsOfServiceAgreed: true })
  return {
    async order(name, { pem }) {
      const order = await client.createOrder({ identifiers: [{ type: 'dns', value: name }] })
      for (const { challenges } of await client.getAuthorizations(order)) {
        const challenge = challenges.find(({ type }) => type === 'http-01')
        await client.getChallengeKeyAuthorization(challenge)
        await client.completeChallenge(challenge)
        await client.waitForValidStatus(challenge)
      }
      const finalized = await client.finalizeOrder(order, pem)
      return client.getCertificate(finalized)
    },
    close: () => agent.destroy(),
  }
}
