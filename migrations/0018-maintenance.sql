-- When an account wants its production networks touched by what nobody asks for by hand (lifecycle clock). No row: always.
create table maintenance (
  account_id text primary key references accounts (id),
  windows jsonb not null,
  freezes jsonb not null,
  updated_at bigint not null
);
-- A renewal takes the key of what it renews: for who pins keys (TLSA, pinned clients).
alter table enrollments add column keep_key boolean not null default false;
