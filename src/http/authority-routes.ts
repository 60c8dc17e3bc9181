import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import { REVOCATION_REASON_NAMES } from '../domain/certificate/revocation.ts'
import { type Answer, json, type SignedExchange } from './exchange.ts'
import { authoritiesAnswer, authorityAnswer, revokedAnswer } from './own-answers.ts'
import { authorityJson } from './own-json.ts'
import { enrollmentOf } from './query.ts'
import { readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'

/** RFC 5280 section 4.1.2.2: 20 octets, and some room. One way alone to read each text: what can be split in many takes for ever to refuse. */
const SERIAL_NUMBER = /^(?:[0-9a-f]{1,82}|[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){1,40})$/i

export const revocation = z.strictObject({
  reason: z.enum(REVOCATION_REASON_NAMES, { error: `must be one of ${REVOCATION_REASON_NAMES.join(', ')}` }),
  serialNumber: z
    .string({ error: 'must be hexadecimal' })
    .regex(SERIAL_NUMBER, { error: 'must be hexadecimal' })
    .nullish()
    .transform((given) => given ?? null),
  signedBy: z
    .enum(['account', 'certificate'], { error: 'must be account or certificate' })
    .default('account'),
})

const rollover = z.strictObject({ force: z.boolean().default(false) })

/** Our own API: what concerns the CAs themselves. */
export function authorityRoutes(useCases: UseCases): readonly Route[] {
  async function revoke(exchange: SignedExchange): Promise<Answer> {
    const id = enrollmentOf(exchange)
    // Before anything is written down: the audit log has an intent of what is done at a CA, and nothing of what others have.
    await useCases.getEnrollment(exchange.caller, id)
    const wish = readOwn(exchange, revocation)
    return json({ ...(await useCases.revokeCertificate(exchange.caller, id, wish)) })
  }

  return [
    {
      method: 'POST',
      path: `${BASE}/enrollments/:enrollmentId/revocations`,
      operationId: 'revokeCertificate',
      summary:
        "Revoke a certificate of the enrollment at its CA, for good: the newest, or the one of this serial number; signed by our account or by the certificate's own key",
      access: 'write',
      success: [200],
      answerSchema: revokedAnswer,
      bodySchema: revocation,
      answer: revoke,
    },
    {
      method: 'POST',
      path: `${BASE}/authorities/:authority/key-rollover`,
      operationId: 'rollOverAuthorityKey',
      summary:
        "Give our account at the CA another key and destroy the old one; administrators of the installation. Refused while names of the account's orders are being validated, unless forced",
      access: 'admin',
      success: [200],
      answerSchema: authorityAnswer,
      bodySchema: rollover,
      answer: async (exchange) => {
        const { force } = readOwn(exchange, rollover)
        const name = exchange.parameters['authority'] ?? ''
        return json(authorityJson(await useCases.rollOverAuthorityKey(exchange.caller, name, force)))
      },
    },
    {
      method: 'POST',
      path: `${BASE}/authorities/:authority/agreement`,
      operationId: 'agreeAtAuthority',
      summary:
        'Say that a person has done what the CA of this account wanted, such as agreeing to changed terms of service: what waited for it goes on; administrators of the installation',
      access: 'admin',
      success: [200],
      answerSchema: authorityAnswer,
      answer: async (exchange) => {
        const name = exchange.parameters['authority'] ?? ''
        return json(authorityJson(await useCases.agreeAtAuthority(exchange.caller, name)))
      },
    },
    {
      method: 'GET',
      path: `${BASE}/authorities`,
      operationId: 'listCertificateAuthorities',
      summary: 'The CA accounts of the configuration, and whether their CAs answer; none in the sandbox',
      access: 'read',
      success: [200],
      answerSchema: authoritiesAnswer,
      answer: async ({ caller }) =>
        json({ authorities: (await useCases.authorities(caller)).map(authorityJson) }),
    },
  ]
}
