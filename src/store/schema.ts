import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { NameStandingRow, ServedLookRow } from './look-rows.ts'
import type { NoticeRow, ToldConflictRow } from './notice-rows.ts'

/** The tables as Kysely sees them; migrations/ is the truth and migrations/schema.manifest.txt what tests compare. */
export interface Database {
  accounts: { id: string; name: string; switch_key: string | null; real_created_at: number }
  contracts: {
    id: string
    account_id: string
    real_created_at: number
    real_last_enrollment_at: number | null
  }
  api_clients: {
    id: string
    account_id: string
    name: string
    role: 'admin' | 'operator' | 'read-only'
    access_token: string
    may_switch: boolean
    switch_accounts: string[]
    disabled: boolean
    real_expires_at: number | null
    real_created_at: number
  }
  client_credentials: {
    client_token: string
    client_id: string
    version: number
    sealed_secret: Uint8Array | null
    real_created_at: number
    real_expires_at: number | null
    real_retired_at: number | null
    real_last_used_at: number | null
  }
  nonces: { client_token: string; nonce: string; real_seen_at: number }
  rate_counts: { account_id: string; resource: 'calls' | 'active-certificates'; real_taken: number[] }
  nonce_epoch: { singleton: Generated<boolean>; real_since: number }
  lifecycle_clock: {
    singleton: Generated<boolean>
    offset_milliseconds: number
    standing_at: number | null
    target: number | null
  }
  data_keys: { id: number; wrapped: Uint8Array; real_created_at: number }
  authorities: { name: string; certificate_pem: string; sealed_key: Uint8Array }
  id_counters: { name: string; value: number }
  enrollments: {
    id: number
    account_id: string
    contract_id: string
    settings: Json
    settled_settings: Json | null
    removal_wish: Json | null
    common_name: string
    assigned_slots: number[]
    auto_renewal_at: number | null
    renew_at: number | null
    live_from: Generated<number | null>
    live_until: Generated<number | null>
    lifetime_class: GeneratedAlways<number>
    held_by: Generated<string | null>
    held_since: Generated<number | null>
    ask_at: Generated<number | null>
    ask_failures: Generated<number>
    window_start: Generated<number | null>
    window_end: Generated<number | null>
    window_url: Generated<string | null>
    keep_key: Generated<boolean>
    names_look_at: Generated<number | null>
    plan_look_at: Generated<number | null>
    plan_look_change: Generated<number | null>
    plan_look_revision: Generated<number | null>
    created_at: number
    removed_at: number | null
    revision: number
  }
  told_conflicts: ToldConflictRow
  notices: NoticeRow
  notice_deliveries: {
    id: string
    account_id: string
    channel: string
    target: string
    content: Json
    real_created_at: number
    attempts: Generated<number>
    real_next_at: number | null
    real_delivered_at: number | null
    last_error: string | null
  }
  webhooks: {
    id: string
    account_id: string
    url: string
    sealed_secret: Uint8Array
    real_created_at: number
  }
  reported_keys: {
    account_id: string
    fingerprint: string
    everywhere: boolean
    note: string | null
    reported_by: string
    reported_at: number
  }
  pauses: {
    account_id: string | null
    enrollment_id: number | null
    network: string | null
    reason: string
    paused_by: string
    paused_at: number
  }
  pins: {
    enrollment_id: number
    account_id: string
    deployment_id: string
    reason: string
    pinned_by: string
    pinned_at: number
  }
  maintenance: { account_id: string; windows: Json; freezes: Json; updated_at: number }
  enrollment_names: { enrollment_id: number; account_id: string; name: string; base_name: string }
  changes: {
    id: number
    enrollment_id: number
    account_id: string
    action: string
    status: string
    state: string
    settings: Json
    staging_bypass: boolean
    effects: Json
    progress: Json
    findings: Json
    error: Json | null
    not_before: number | null
    not_after: number | null
    next_at: number | null
    created_by: string
    created_at: number
    entered_at: number
    updated_at: number
    revision: number
  }
  change_events: {
    id: Generated<number>
    change_id: number
    enrollment_id: number
    account_id: string
    event: string
    status: string
    state: string
    at: number
    real_at: number
  }
  key_pairs: {
    id: string
    account_id: string
    enrollment_id: number
    change_id: number
    key_algorithm: 'RSA' | 'ECDSA'
    sealed_private_key: Uint8Array | null
    public_key: Uint8Array
    public_key_fingerprint: GeneratedAlways<string>
    signing_request_pem: string
    created_at: number
    destroyed_at: number | null
  }
  certificates: {
    id: string
    account_id: string
    enrollment_id: number
    change_id: number
    key_pair_id: string
    key_algorithm: 'RSA' | 'ECDSA'
    certificate_pem: string
    chain_pem: string
    /** Third-party: as sent. */
    uploaded_certificate: string | null
    uploaded_chain: string | null
    serial_number: string
    fingerprint: string
    signature_hash: string
    ocsp_uris: string[]
    not_before: number
    not_after: number
    created_at: number
    /** Lifecycle clock; null: not that we know of. */
    revoked_at: Generated<number | null>
    superseded: Generated<boolean>
  }
  staples: {
    certificate_id: string
    response: Buffer | null
    status: 'good' | 'revoked' | 'unknown' | null
    real_this_update: number | null
    real_next_update: number | null
    failures: number
    real_ask_at: number
  }
  comparisons: { deployment_id: string; document: string; name: string; answered_by: string | null }
  frozen_contents: { change_id: number; document: string; hash: string; frozen_at: number }
  name_validations: {
    change_id: number
    enrollment_id: number
    account_id: string
    domain: string
    base_name: string
    generation: number
    status: string
    error: string | null
    challenges: Json
    published: boolean
    requested_at: number
    validated_at: number | null
    expires_at: number | null
  }
  placed_records: {
    change_id: number
    domain: string
    generation: number
    zone: string
    owner: string
    value: string
    placed_at: number
    removals: Generated<number>
    real_removal_at: Generated<number>
  }
  deployments: {
    id: string
    account_id: string
    enrollment_id: number
    change_id: number
    network: 'staging' | 'production'
    generation: number
    certificate_ids: string[]
    settings: Json
    served_names: string[]
    state: string
    replaces: Json
    created_at: number
    activated_at: number | null
    /** By enrollment and network; null: never proven. */
    proven_number: Generated<number | null>
  }
  dns_zones: {
    name: string
    account_id: string
    contract_id: string
    comment: string
    end_customer_id: string
    sign_and_serve: boolean
    sign_and_serve_algorithm: string | null
    serial: number
    version_id: string
    real_modified_at: number
    modified_by: string
  }
  dns_record_sets: { zone: string; name: string; type: string; ttl_seconds: number; data: string[] }
  dns_zone_deletions: { id: string; account_id: string; deleted: string[]; failed: Json; real_at: number }
  trust_chain_sets: {
    account_id: string
    id: string
    name: string
    staging_revision: number
    production_revision: number
    real_created_at: number
  }
  trust_chain_set_revisions: {
    account_id: string
    set_id: string
    revision: number
    certificates: string[]
    created_by: string
    real_created_at: number
  }
  network_names: { network: string; name: string; deployment_id: string }
  edge_listeners: {
    id: string
    network: string
    addresses: string[]
    slots: Generated<string[]>
    real_seen_at: number
    status: Json | null
  }
  handshakes: {
    id: Generated<number>
    change_id: number
    network: 'staging' | 'production'
    address: string
    server_name: string
    serial_number: string
    fingerprint: string
    protocol: string
    real_at: number
  }
  sandbox_orders: {
    id: string
    change_id: number
    generation: number
    account_id: string
    enrollment_id: number
    validation_type: string
    identifiers: string[]
    subject: Json
    created_at: number
    abandoned: boolean
    certificate: Json | null
  }
  sandbox_authorizations: {
    order_id: string
    identifier: string
    position: number
    account_id: string
    validation_type: string
    status: string
    expires_at: number
    challenges: Json
  }
  sandbox_revocations: { serial_number: string; reason: string; revoked_at: number }
  acme_accounts: {
    name: string
    directory_url: string
    sealed_key: Uint8Array
    sealed_next_key: Uint8Array | null
    account_url: string | null
    limited_until: number | null
    down_since: number | null
    reason: string | null
    action: Json | null
    real_created_at: number
  }
  acme_orders: {
    change_id: number
    generation: number
    account_name: string
    directory_url: string
    identifiers: string[]
    profile: string | null
    preferred_chain: string | null
    replaces: string | null
    step: 'placing' | 'placed' | 'finalizing' | 'issued' | 'abandoned'
    order_url: string | null
    finalize_url: string | null
    authorizations: Json
    problem: Json | null
    real_created_at: number
  }
  order_budgets: { account_name: string; directory_url: string; tokens: number; at: number }
  acme_failures: { account_name: string; directory_url: string; identifier: string; real_at: number }
  organizations: {
    id: number
    account_id: string
    identity: string
    organization: Json
    vetted_until: number
  }
  vettings: {
    change_id: number
    account_id: string
    due_at: number | null
    decision: 'approved' | 'rejected' | null
    reason: string | null
    decided_by: string | null
    decided_at: number | null
  }
  clock_checks: {
    instance: string
    difference_ms: number
    confirmed_ms: Generated<number>
    real_seen_at: number | null
    stopped_since: number | null
    reason: string | null
  }
  name_standings: NameStandingRow
  served_looks: ServedLookRow
  failpoints_fired: { name: string; real_at: number }
  audit_log: {
    account_id: string
    id: number
    real_at: number
    lifecycle_at: number
    actor: string
    source: string
    action: string
    object: string
    digest_before: string | null
    digest_after: string | null
    detail: Json
    previous_hash: string
    hash: string
  }
  audit_heads: { account_id: string; id: number; previous_hash: string; hash: string }
}

/** jsonb: read as parsed values, written as text, since the driver would turn an array into a PostgreSQL array. */
type Json = JSONColumnType<object, string, string>
