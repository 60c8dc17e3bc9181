import type { OutboundFetch } from '../../outbound/guarded-fetch.ts'
import { createOcspRequest } from '../../pki/ocsp-request.ts'
import { OcspRefusal, readOcspResponse } from '../../pki/ocsp-response.ts'
import type { CertificateReader } from '../../ports/certificate-reader.ts'
import type { AskResponder } from '../../ports/staples.ts'

const HEADERS = { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' }

/** Asks the first responder that the certificate names (RFC 6960 appendix A.1, by POST); its URL comes from a CA or an uploader, so `fetch` is the guarded way out. */
export const createAskResponder =
  ({ fetch, split }: { fetch: OutboundFetch; split: CertificateReader['split'] }): AskResponder =>
  async ({ certificatePem, chainPem, ocspUris }, signal) => {
    const [certificate] = split(certificatePem)
    const [issuer] = chainPem.trim() === '' ? [] : split(chainPem)
    const [url] = ocspUris
    if (certificate === undefined || issuer === undefined || url === undefined)
      throw new OcspRefusal('without its issuer nobody can be asked about a certificate')
    const content = createOcspRequest(certificate, issuer)
    const { status, body } = await fetch({ url, method: 'POST', headers: HEADERS, content }, signal)
    if (status !== 200) throw new OcspRefusal(`the responder answered with status ${status}`)
    return { ...readOcspResponse(body, certificate, issuer), response: body }
  }
