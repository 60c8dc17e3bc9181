-- Organisations that the local CA has checked, for re-use by `orgId` or by being the same again.
create table organizations (
  id bigint primary key,
  account_id text not null references accounts (id),
  identity text not null,
  organization jsonb not null,
  vetted_until bigint not null,
  unique (account_id, identity)
);
insert into id_counters values ('organization', 10000);

-- The local CA's check of the organisation behind an OV or EV change: by a duration (due_at) or by an operator's decision.
create table vettings (
  change_id bigint primary key references changes (id),
  account_id text not null references accounts (id),
  due_at bigint,
  decision text check (decision in ('approved', 'rejected')),
  reason text,
  decided_by text,
  decided_at bigint
);
