-- Instants are bigint milliseconds since 1970 in UTC. Those of the lifecycle clock are written by the application, never by now():
-- the sandbox clock can be turned. Columns that live by the real clock say so in their name (real_…).

create table accounts (
  id text primary key,
  name text not null,
  switch_key text unique,
  real_created_at bigint not null
);

create table contracts (
  id text primary key,
  account_id text not null references accounts (id),
  real_created_at bigint not null
);
create index contracts_by_account on contracts (account_id);

create table api_clients (
  id text primary key,
  account_id text not null references accounts (id),
  name text not null,
  role text not null check (role in ('admin', 'operator', 'read-only')),
  client_token text not null unique,
  access_token text not null,
  sealed_secret bytea not null,
  may_switch boolean not null default false,
  disabled boolean not null default false,
  real_created_at bigint not null
);
create index api_clients_by_account on api_clients (account_id);

-- Replay protection. Unlogged: a nonce costs no disk write. PostgreSQL empties both tables after an unclean stop; then no epoch
-- stands, a new one is written, and requests signed before it are refused (spec: behaviour F2).
create unlogged table nonces (
  client_token text not null,
  nonce text not null,
  real_seen_at bigint not null,
  primary key (client_token, nonce)
);
create index nonces_by_age on nonces (real_seen_at);
create unlogged table nonce_epoch (
  singleton boolean primary key default true check (singleton),
  real_since bigint not null
);

create table lifecycle_clock (
  singleton boolean primary key default true check (singleton),
  offset_milliseconds bigint not null default 0 check (offset_milliseconds >= 0),
  standing_at bigint,
  target bigint
);
insert into lifecycle_clock default values;

create table data_keys (
  id integer primary key,
  wrapped bytea not null,
  real_created_at bigint not null
);

create table authorities (
  name text primary key,
  certificate_pem text not null,
  sealed_key bytea not null
);

-- Ids are shared by all accounts, so they advance by random gaps: counting one's own says nothing about others.
create table id_counters (
  name text primary key,
  value bigint not null
);
insert into id_counters values ('enrollment', 10000), ('change', 10000), ('slot', 10000);

create table enrollments (
  id bigint primary key,
  account_id text not null references accounts (id),
  contract_id text not null references contracts (id),
  settings jsonb not null,
  common_name text not null,
  assigned_slots bigint[] not null,
  auto_renewal_at bigint,
  created_at bigint not null,
  removed_at bigint,
  revision integer not null default 0
);
create index enrollments_by_account on enrollments (account_id, id) where removed_at is null;
create index enrollments_by_common_name on enrollments (account_id, common_name) where removed_at is null;

-- Every name that an enrollment asks for, canonical. A name belongs to one account at a time.
create table enrollment_names (
  enrollment_id bigint not null references enrollments (id),
  account_id text not null,
  name text not null,
  base_name text not null,
  primary key (enrollment_id, name)
);
create index enrollment_names_by_name on enrollment_names (name);
create index enrollment_names_by_base on enrollment_names (base_name);

create table changes (
  id bigint primary key,
  enrollment_id bigint not null references enrollments (id),
  account_id text not null references accounts (id),
  action text not null,
  status text not null,
  state text not null,
  settings jsonb not null,
  staging_bypass boolean not null default false,
  effects jsonb not null,
  progress jsonb not null,
  findings jsonb not null,
  error jsonb,
  not_before bigint,
  not_after bigint,
  next_at bigint,
  created_by text not null,
  created_at bigint not null,
  entered_at bigint not null,
  updated_at bigint not null,
  wakeups integer not null default 0,
  revision integer not null default 0
);
create unique index one_open_change on changes (enrollment_id) where state not in ('cancelled', 'completed');
create index changes_by_enrollment on changes (enrollment_id, id);
create index changes_due on changes (next_at) where next_at is not null;
create index changes_open on changes (status, created_at) where state not in ('cancelled', 'completed');

create table change_events (
  id bigint generated always as identity primary key,
  change_id bigint not null references changes (id),
  enrollment_id bigint not null,
  account_id text not null,
  event text not null,
  status text not null,
  state text not null,
  at bigint not null,
  real_at bigint not null
);
create index change_events_by_change on change_events (change_id, id);
create index change_events_by_account on change_events (account_id, id);

create table key_pairs (
  id text primary key,
  account_id text not null references accounts (id),
  enrollment_id bigint not null references enrollments (id),
  change_id bigint not null references changes (id),
  key_algorithm text not null check (key_algorithm in ('RSA', 'ECDSA')),
  sealed_private_key bytea,
  public_key bytea not null,
  signing_request_pem text not null,
  created_at bigint not null,
  destroyed_at bigint,
  unique (change_id, key_algorithm)
);

create table certificates (
  id text primary key,
  account_id text not null references accounts (id),
  enrollment_id bigint not null references enrollments (id),
  change_id bigint not null references changes (id),
  key_pair_id text not null references key_pairs (id),
  key_algorithm text not null check (key_algorithm in ('RSA', 'ECDSA')),
  certificate_pem text not null,
  chain_pem text not null,
  serial_number text not null,
  fingerprint text not null,
  signature_hash text not null,
  ocsp_uris text[] not null,
  not_before bigint not null,
  not_after bigint not null,
  created_at bigint not null,
  unique (change_id, key_algorithm)
);
create index certificates_by_enrollment on certificates (enrollment_id);

-- One token generation of one name. CPS API: DvChallenges, DvHistory.
create table name_validations (
  change_id bigint not null references changes (id),
  enrollment_id bigint not null,
  account_id text not null,
  domain text not null,
  base_name text not null,
  generation integer not null,
  status text not null,
  error text,
  challenges jsonb not null,
  published boolean not null default false,
  requested_at bigint not null,
  validated_at bigint,
  expires_at bigint,
  primary key (change_id, domain, generation)
);
create index name_validations_published on name_validations (base_name) where published;

create table deployments (
  id text primary key,
  account_id text not null references accounts (id),
  enrollment_id bigint not null references enrollments (id),
  change_id bigint not null references changes (id),
  network text not null check (network in ('staging', 'production')),
  certificate_ids text[] not null,
  settings jsonb not null,
  served_names text[] not null,
  state text not null check (state in ('pending', 'active', 'replaced', 'failed', 'withdrawn')),
  replaces jsonb not null,
  created_at bigint not null,
  activated_at bigint,
  unique (change_id, network)
);
create unique index one_active_deployment on deployments (enrollment_id, network) where state = 'active';
create index deployments_by_enrollment on deployments (enrollment_id, network);
create index active_deployments_by_account on deployments (account_id) where state = 'active';

-- What each network is to answer for each name: the wish that edges follow.
create table network_names (
  network text not null,
  name text not null,
  deployment_id text not null references deployments (id),
  primary key (network, name)
);
create index network_names_by_deployment on network_names (deployment_id);

-- Processes that serve a network, with a heartbeat on the real clock.
create table edge_listeners (
  id text primary key,
  network text not null,
  addresses text[] not null,
  real_seen_at bigint not null
);

-- Full handshakes of the control plane: proof of what a network served and when.
create table handshakes (
  id bigint generated always as identity primary key,
  change_id bigint not null references changes (id),
  network text not null,
  address text not null,
  server_name text not null,
  serial_number text not null,
  fingerprint text not null,
  protocol text not null,
  real_at bigint not null
);
create index handshakes_by_change on handshakes (change_id, id);

create table failpoints_fired (
  name text primary key,
  real_at bigint not null
);

-- The sandbox CA's own books: it stands for a CA outside, so nothing else reads them.
create table sandbox_orders (
  id text primary key,
  change_id bigint not null references changes (id),
  generation integer not null,
  account_id text not null,
  enrollment_id bigint not null,
  validation_type text not null,
  identifiers text[] not null,
  subject jsonb not null,
  created_at bigint not null,
  abandoned boolean not null default false,
  certificate jsonb,
  unique (change_id, generation)
);

create table sandbox_authorizations (
  order_id text not null references sandbox_orders (id),
  identifier text not null,
  position integer not null,
  account_id text not null,
  validation_type text not null,
  status text not null,
  expires_at bigint not null,
  challenges jsonb not null,
  primary key (order_id, identifier)
);
create index sandbox_authorizations_valid on sandbox_authorizations (account_id, identifier, expires_at desc) where status = 'valid';
