import type { AcmeServer, AcmeSigner } from './server.ts'
import type { AcmeResponse } from './send.ts'

/** An account at a server: what every later request is made with. */
export interface AcmeSession {
  readonly server: AcmeServer
  readonly signer: AcmeSigner & { readonly accountUrl: string }
}

export interface PostOptions {
  readonly signal: AbortSignal
  readonly accept?: string
}

/** Signed by the account; `payload` null: POST-as-GET. */
export const post = (
  { server, signer }: AcmeSession,
  url: string,
  payload: unknown,
  { signal, accept }: PostOptions,
): Promise<AcmeResponse> =>
  server.post(signer, { url, payload, ...(accept === undefined ? {} : { accept }) }, signal)
