import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { getJson, handshake } from '../../../test/support/edge-client.ts'
import { type EdgeFixture, startEdge } from '../../../test/support/edge-fixture.ts'
import { allNamesOf, issueGeneration } from '../../../test/support/edge-generation.ts'
import { createNodeRandom } from '../../../test/support/node-random.ts'
import { makeTestAuthority } from '../../../test/support/self-signed.ts'
import { instant } from '../../domain/time.ts'
import { challengeCertificate } from '../../pki/challenge-certificate.ts'

const NAME = 'www.site.example'
const AUTHORIZATION = 'token-1.thumb'
const ALPN = { ALPNProtocols: ['acme-tls/1'] }

/** RFC 8737. */
describe('tls-alpn-01 at the built-in edge', () => {
  let edge: EdgeFixture
  afterEach(() => edge.network.close())

  const find = async (name: string) =>
    name === NAME
      ? challengeCertificate(
          { name, keyAuthorization: AUTHORIZATION, at: instant(Date.now()) },
          createNodeRandom(),
        )
      : null

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'shows the certificate of section 3 over %s, and says nothing',
    async (version) => {
      edge = await startEdge({ challenges: find })
      const tls = await handshake(edge.address, NAME, { ...ALPN, minVersion: version, maxVersion: version })
      expect(tls.alpnProtocol).toBe('acme-tls/1')
      const { raw } = tls.getPeerX509Certificate() as X509Certificate
      const leaf = new X509Certificate(raw)
      expect(leaf.subjectAltName).toBe(`DNS:${NAME}`)
      expect(leaf.verify(leaf.publicKey)).toBe(true)
      const digest = createHash('sha256').update(AUTHORIZATION).digest()
      // OID 1.3.6.1.5.5.7.1.31, critical, an OCTET STRING in the extension's own.
      const extension = Buffer.concat([Buffer.from('06082b0601050507011f0101ff04220420', 'hex'), digest])
      expect(raw.includes(extension)).toBe(true)
      tls.resume()
      await once(tls, 'close')
      await edge.untilEnded('served')
    },
  )

  it('knows no other name, and answers nothing where nobody finds challenges', async () => {
    edge = await startEdge({ challenges: find })
    await expect(handshake(edge.address, 'other.example', ALPN)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
    })
    await edge.network.close()
    edge = await startEdge()
    await expect(handshake(edge.address, NAME, ALPN)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
    })
  })

  it('tells a validation server alone: whoever offers more gets the certificate that is served', async () => {
    edge = await startEdge({ challenges: find })
    const generation = await issueGeneration(await makeTestAuthority(), [NAME], 'staging', {})
    edge.network.put(generation)
    edge.network.assign(allNamesOf(generation))
    const tls = await handshake(edge.address, NAME, { ALPNProtocols: ['http/1.1', 'acme-tls/1'] })
    expect(tls.alpnProtocol).toBe('http/1.1')
    expect((await getJson(tls, NAME)).status).toBe(200)
    tls.destroy()
  })

  it('refuses when the challenge cannot be looked up, and lets go of a peer that has gone meanwhile', async () => {
    edge = await startEdge({ challenges: () => Promise.reject(new Error('no database')) })
    await expect(handshake(edge.address, NAME, ALPN)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    })
    expect(edge.warnings).toHaveLength(1)
  })
})
