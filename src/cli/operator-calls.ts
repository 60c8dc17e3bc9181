import { z } from 'zod'
import { HOUR } from '../domain/time.ts'
import {
  Authorities,
  Authority,
  Client,
  type ClockCheck,
  ClockChecks,
  ClockReading,
  CreatedClient,
  type KnownAuthority,
  type KnownOrganization,
  Maintenance,
  Organizations,
  Plan,
  Revoked,
} from './answers.ts'
import type { ChangeKey } from './change-key.ts'
import { type Exchanges, PLAIN_JSON } from './exchanges.ts'

export const CLIENT_ROLES = ['admin', 'operator', 'read-only'] as const

export interface NewClient {
  readonly role: (typeof CLIENT_ROLES)[number]
  readonly section?: string
  readonly name?: string
  readonly expiresAt?: string | null
}

export interface RevocationWish {
  readonly reason: string
  readonly serialNumber?: string
  readonly signedBy: 'account' | 'certificate'
}

export type VettingDecision =
  | { readonly decision: 'approve' }
  | { readonly decision: 'reject'; readonly reason: string }

/** Everything that becomes due on the way is done before the answer: years of renewals take their time. */
const ADVANCE_TIMEOUT_MS = HOUR

/** Our own API (contract.md): the sandbox's clock, vetting, API clients. */
export function createOperatorCalls({ get, send }: Exchanges) {
  const post = <T>(path: string, shape: z.ZodType<T>, value: unknown, answerTimeoutMs?: number): Promise<T> =>
    send('POST', path, {
      accept: PLAIN_JSON,
      shape,
      content: { type: PLAIN_JSON, value },
      ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
    })

  return {
    clock: (): Promise<ClockReading> => get('/certrail/v1/clock', PLAIN_JSON, ClockReading),

    advanceClock: (target: { readonly by: string } | { readonly to: string }): Promise<ClockReading> =>
      post('/certrail/v1/clock/advance', ClockReading, target, ADVANCE_TIMEOUT_MS),

    clockChecks: async (): Promise<readonly ClockCheck[]> =>
      (await get('/certrail/v1/clock/checks', PLAIN_JSON, ClockChecks)).clocks,

    confirmClock: async (): Promise<readonly ClockCheck[]> =>
      (await post('/certrail/v1/clock/confirm', ClockChecks, {})).clocks,

    decideVetting: async (key: ChangeKey, decision: VettingDecision): Promise<void> => {
      const path = `/certrail/v1/enrollments/${key.enrollmentId}/changes/${key.changeId}/vetting`
      await post(path, z.unknown(), decision)
    },

    organizations: async (): Promise<readonly KnownOrganization[]> =>
      (await get('/certrail/v1/organizations', PLAIN_JSON, Organizations)).organizations,

    authorities: async (): Promise<readonly KnownAuthority[]> =>
      (await get('/certrail/v1/authorities', PLAIN_JSON, Authorities)).authorities,

    rollOverAuthorityKey: (name: string, force: boolean): Promise<KnownAuthority> =>
      post(`/certrail/v1/authorities/${encodeURIComponent(name)}/key-rollover`, Authority, { force }),

    agreeAtAuthority: (name: string): Promise<KnownAuthority> =>
      post(`/certrail/v1/authorities/${encodeURIComponent(name)}/agreement`, Authority, {}),

    revokeCertificate: (enrollmentId: number, wish: RevocationWish): Promise<Revoked> =>
      post(`/certrail/v1/enrollments/${enrollmentId}/revocations`, Revoked, wish),
    plan: (enrollmentId: number): Promise<Plan> =>
      get(`/certrail/v1/enrollments/${enrollmentId}/plan`, PLAIN_JSON, Plan),

    maintenance: (): Promise<Maintenance> => get('/certrail/v1/maintenance', PLAIN_JSON, Maintenance),

    setMaintenance: (value: unknown): Promise<Maintenance> =>
      send('PUT', '/certrail/v1/maintenance', {
        accept: PLAIN_JSON,
        shape: Maintenance,
        content: { type: PLAIN_JSON, value },
      }),

    createClient: (accountId: string, client: NewClient): Promise<CreatedClient> =>
      post(clientsOf(accountId), CreatedClient, client),

    clients: async (accountId: string): Promise<readonly Client[]> =>
      (await get(clientsOf(accountId), PLAIN_JSON, z.looseObject({ clients: z.array(Client) }))).clients,

    changeClient: (accountId: string, id: string, changes: object): Promise<Client> =>
      send('PUT', `${clientsOf(accountId)}/${encodeURIComponent(id)}`, {
        accept: PLAIN_JSON,
        shape: Client,
        content: { type: PLAIN_JSON, value: changes },
      }),

    addCredential: (accountId: string, id: string, wishes: object): Promise<CreatedClient> =>
      post(`${clientsOf(accountId)}/${encodeURIComponent(id)}/credentials`, CreatedClient, wishes),

    retireCredential: (accountId: string, id: string, clientToken: string): Promise<Client> =>
      send(
        'DELETE',
        `${clientsOf(accountId)}/${encodeURIComponent(id)}/credentials/${encodeURIComponent(clientToken)}`,
        { accept: PLAIN_JSON, shape: Client },
      ),

    /** The account that calls act on. */
    ownAccount: async (): Promise<string> =>
      (await get('/certrail/v1/account', PLAIN_JSON, z.looseObject({ id: z.string() }))).id,
  }
}

const clientsOf = (accountId: string): string =>
  `/certrail/v1/accounts/${encodeURIComponent(accountId)}/clients`
