-- The outbox. A notice is written by the statement or transaction that makes it true; due_at is lifecycle time, for what comes near.
create table notices (
  id bigint generated always as identity primary key,
  account_id text not null references accounts (id),
  enrollment_id bigint not null,
  change_id bigint,
  occasion text not null,
  text text not null,
  due_at bigint not null,
  -- Forming a delivery takes it out of here; dropped_at: it did not come true after all.
  formed_at bigint,
  dropped_at bigint,
  unique (enrollment_id, occasion, due_at, change_id)
);
create index notices_to_form on notices (due_at, id) where formed_at is null and dropped_at is null;

-- One mail or one webhook call, formed once; id is what the receiver knows it by, however often it comes.
create table notice_deliveries (
  id text primary key,
  account_id text not null references accounts (id),
  channel text not null check (channel in ('mail', 'webhook')),
  target text not null,
  content jsonb not null,
  real_created_at bigint not null,
  attempts integer not null default 0,
  real_next_at bigint,
  real_delivered_at bigint,
  last_error text
);
create index notice_deliveries_to_send on notice_deliveries (real_next_at, id) where real_next_at is not null;

create table webhooks (
  id text primary key,
  account_id text not null references accounts (id),
  url text not null,
  sealed_secret bytea not null,
  real_created_at bigint not null
);
create index webhooks_by_account on webhooks (account_id);
