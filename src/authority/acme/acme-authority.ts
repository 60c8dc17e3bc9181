import type { CertificateAuthority } from '../../ports/certificate-authority.ts'
import { rollOverAccountKey } from './account-rollover.ts'
import { respond } from './answering.ts'
import { caaIdentity } from './caa-identity.ts'
import { type AcmeAuthorityDeps, createDesk, recordOf } from './desk.ts'
import { finalize } from './finalization.ts'
import { orderAllowance } from './order-allowance.ts'
import { orderOf } from './ordering.ts'
import { revoke } from './revoking.ts'
import { renewalInformation } from './renewal-asking.ts'
import { standings } from './standings.ts'

/**
 * Real CAs, by RFC 8555. What the CA is asked for is in the books before it is asked: (1) the intent; (2) the order's URL and those of its
 * authorizations; (3) that it is being finalized; (4) that it was issued. After a crash each call goes on from there.
 */
export function createAcmeAuthority(deps: AcmeAuthorityDeps): CertificateAuthority {
  const desk = createDesk(deps)
  return {
    order: (request) => orderOf(request, desk),
    async respond(changeId, identifier, type, signal) {
      return respond(await recordOf(changeId, desk), { identifier, type }, signal, desk)
    },
    async finalize(changeId, signingRequestPem) {
      return finalize(await recordOf(changeId, desk), signingRequestPem, desk)
    },
    revoke: (revocation) => revoke(revocation, desk),
    standings: () => standings(deps),
    renewalInformation: (changeId, certificatePem) => renewalInformation(changeId, certificatePem, desk),
    orderAllowance: (request) => orderAllowance(request, deps),
    async rollOverKey(name, options) {
      const reference = deps.accounts.find((account) => account.name === name)
      if (reference === undefined) return null
      await rollOverAccountKey(reference, options, desk)
      return (await standings(deps)).find((one) => one.name === name) ?? null
    },
    async agreed(name) {
      const reference = deps.accounts.find((account) => account.name === name)
      if (reference === undefined) return null
      await desk.health.noteAgreed(reference)
      return (await standings(deps)).find((one) => one.name === name) ?? null
    },
    caaIdentity: (changeId) => caaIdentity(changeId, desk),
    async abandon(changeId) {
      const record = await deps.books.order(changeId)
      if (record !== null && record.step !== 'issued')
        await deps.books.saveOrder({ ...record, step: 'abandoned' })
    },
  }
}
