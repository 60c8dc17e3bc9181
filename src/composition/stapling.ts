import { prepareStaples, type PrepareStaples, refreshStaples, type StapleNote } from '../app/staples.ts'
import { createAskResponder } from '../authority/ocsp/ask-responder.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutboundFetch } from '../outbound/guarded-fetch.ts'
import { systemAddresses } from '../outbound/system-addresses.ts'
import type { CertificateId } from '../domain/identifiers.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import type { Clock } from '../ports/clock.ts'
import type { Staples } from '../ports/staples.ts'
import type { ServiceSettings } from './settings.ts'

/** A deployment waits as long, once, for a responder that is away. */
const TIMEOUT_MS = 3_000
const ANSWER_LIMIT_BYTES = 16_384

export interface Stapling {
  readonly prepare: PrepareStaples
  /** Asks again whoever is to be asked again by now. */
  readonly refresh: (signal: AbortSignal) => Promise<void>
}

export function createStapling(parts: {
  readonly staples: Staples
  readonly split: CertificateReader['split']
  readonly settings: Pick<ServiceSettings, 'targets'>
  readonly real: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'stapleAsked'>
  readonly onRevoked: (id: CertificateId) => Promise<void>
}): Stapling {
  const { staples, split, settings, real, log, metrics, onRevoked } = parts
  const fetch = createOutboundFetch({
    resolve: systemAddresses,
    targets: settings.targets,
    timeoutMs: TIMEOUT_MS,
    bodyLimitBytes: ANSWER_LIMIT_BYTES,
    // The answer itself is signed.
    trust: 'ignore',
    schemes: ['http:', 'https:'],
  })
  const deps = { staples, real, ask: createAskResponder({ fetch, split }), onAnswer: said, onRevoked }

  function said({ certificateId, outcome, message }: StapleNote): void {
    metrics.stapleAsked({ outcome })
    const facts = { certificate: certificateId, outcome, reason: message }
    if (outcome === 'good') log.debug(facts, 'an OCSP responder answered')
    else log.warn(facts, 'a certificate is served without a staple, or with an older one')
  }

  return {
    prepare: (certificates, signal) => prepareStaples(deps, certificates, signal),
    refresh: async (signal) => void (await refreshStaples(deps, signal)),
  }
}
