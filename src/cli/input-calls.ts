import { z } from 'zod'
import { ALLOWED_INPUTS } from '../domain/change/allowed-input.ts'
import { ChangeManagementInfo, SigningRequests, Warnings } from './input-answers.ts'
import { type ChangeKey, changePath } from './change-key.ts'
import { type Exchanges, media } from './exchanges.ts'

export type KeyType = 'RSA' | 'ECDSA'

/** CPS API: CertificateAndTrustChain, v2. */
export interface Upload {
  readonly keyAlgorithm: KeyType
  /** PEM, as it stands in the file. */
  readonly certificate: string
  readonly trustChain?: string
}

const THIRD_PARTY = ALLOWED_INPUTS['third-party-certificate']

/** What a change shows to whom it waits for, and what it is given (CPS API: Changes, input). */
export function createInputCalls({ get, send }: Exchanges) {
  const change = (
    method: 'POST' | 'DELETE',
    path: string,
    content?: { readonly type: string; readonly value: unknown },
  ): Promise<unknown> =>
    send(method, path, {
      accept: media('change-id.v1'),
      shape: z.unknown(),
      ...(content === undefined ? {} : { content }),
    })

  return {
    /** `update` as the change's allowed input names it. A hash binds the word to what change-management-info showed. */
    acknowledge: async (
      update: string,
      acknowledgement: 'acknowledge' | 'deny',
      hash: string | null = null,
    ): Promise<void> => {
      const content =
        hash === null
          ? { type: media('acknowledgement.v1'), value: { acknowledgement } }
          : { type: media('acknowledgement-with-hash.v1'), value: { acknowledgement, hash } }
      await change('POST', update, content)
    },

    /** `info` as the change's allowed input names it; one warning a line. */
    warnings: async (info: string): Promise<readonly string[]> => {
      const { warnings } = await get(info, media('warnings.v1'), Warnings)
      return (warnings ?? '').split('\n').filter((line) => line.trim() !== '')
    },

    changeManagement: (info: string): Promise<ChangeManagementInfo> =>
      get(info, media('change-management-info.v5'), ChangeManagementInfo),

    signingRequests: async (key: ChangeKey): Promise<SigningRequests['csrs']> =>
      (await get(`${changePath(key)}/${THIRD_PARTY.infoTail}`, media('csr.v2'), SigningRequests)).csrs,

    upload: async (key: ChangeKey, certificatesAndTrustChains: readonly Upload[]): Promise<void> => {
      const type = media('certificate-and-trust-chain.v2')
      const content = { type, value: { certificatesAndTrustChains } }
      await change('POST', `${changePath(key)}/${THIRD_PARTY.updateTail}`, content)
    },

    cancel: async (key: ChangeKey): Promise<void> => {
      await change('DELETE', changePath(key))
    },
  }
}
