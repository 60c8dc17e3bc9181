import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { parse } from 'ini'
import { edgegridTimestamp, signRequest } from '../../dist/edgegrid/sign.js'

/** Signed calls over kept connections. With a switch key, `account_key`, on every call, as the Go SDK makes them. */
export async function createClient(
  home,
  { connections = 32, edgerc: edgercPath = join(home, 'edgerc'), section = 'default' } = {},
) {
  const [edgerc, ca] = await Promise.all([readFile(edgercPath, 'utf8'), readFile(join(home, 'root.pem'))])
  const {
    host,
    client_token: clientToken,
    client_secret: clientSecret,
    access_token: accessToken,
    account_key: accountKey,
  } = parse(edgerc)[section]
  const { hostname, port } = new URL(`https://${host}`)
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca })
  const switched = (path) =>
    accountKey === undefined
      ? path
      : `${path}${path.includes('?') ? '&' : '?'}accountSwitchKey=${encodeURIComponent(accountKey)}`
  const call = (method, plainPath, { accept, contentType, body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const path = switched(plainPath)
      const octets = Buffer.from(body === undefined ? '' : JSON.stringify(body))
      const authorization = signRequest({
        method,
        url: `https://${host}${path}`,
        host,
        body: octets,
        credential: { clientToken, clientSecret, accessToken },
        timestamp: edgegridTimestamp(Date.now()),
        nonce: randomUUID(),
      })
      const media = (entity) => `application/vnd.akamai.cps.${entity}+json`
      const sent = request(
        {
          agent,
          hostname,
          port,
          method,
          path,
          headers: {
            host,
            authorization,
            ...(accept && { accept: media(accept) }),
            ...(octets.length > 0 && {
              'content-type': contentType === undefined ? 'application/json' : media(contentType),
              'content-length': octets.length,
            }),
            ...headers,
          },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => (text += chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode, body: text === '' ? null : JSON.parse(text) }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(octets)
    })
  return { host, call, close: () => agent.destroy() }
}

const contact = { firstName: 'Bench', lastName: 'Mark', phone: '+1 555 0100', email: 'bench@example.com' }

export const dvEnrollment = (cn, sans = []) => ({
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  changeManagement: false,
  enableMultiStackedCertificates: false,
  csr: { cn, sans },
  networkConfiguration: {
    geography: 'core',
    secureNetwork: 'enhanced-tls',
    quicEnabled: false,
    sniOnly: true,
  },
  org: { name: 'Example', phone: '+1 555 0100' },
  adminContact: contact,
  techContact: contact,
})

/** Creates, and follows the change to its end. */
export async function enroll(client, contract, name) {
  const created = await client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
    accept: 'enrollment-status.v1',
    contentType: 'enrollment.v11',
    body: dvEnrollment(name),
  })
  if (created.status !== 202) throw new Error(JSON.stringify(created.body))
  const [change] = created.body.changes
  await followToItsEnd(client, change)
  return change
}

/** Acknowledges at once, and again whenever it is asked for. */
export async function followToItsEnd(client, change) {
  await client.call('POST', `${change}/input/update/lets-encrypt-challenges-completed`, {
    accept: 'change-id.v1',
    contentType: 'acknowledgement.v1',
    body: { acknowledgement: 'acknowledge' },
  })
  for (;;) {
    // Not for long: when the change came to rest just before this, nothing differs until its dwell is over (30 s).
    const { body } = await client.call('GET', change, { accept: 'change.v2', headers: { prefer: 'wait=1' } })
    if (body.statusInfo.state === 'completed') return
    if (body.statusInfo.state === 'error') throw new Error(body.statusInfo.error.description)
    if (body.statusInfo.state === 'awaiting-input') {
      await client.call('POST', `${change}/input/update/lets-encrypt-challenges-completed`, {
        accept: 'change-id.v1',
        contentType: 'acknowledgement.v1',
        body: { acknowledgement: 'acknowledge' },
      })
    }
  }
}
