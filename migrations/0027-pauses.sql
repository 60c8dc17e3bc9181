-- Nothing new reaches networks until somebody resumes. Null account: the whole installation; null enrollment: all of the account; null network: both.
create table pauses (
  account_id text references accounts (id),
  enrollment_id bigint references enrollments (id),
  network text check (network in ('staging', 'production')),
  reason text not null,
  paused_by text not null,
  paused_at bigint not null,
  check (enrollment_id is null or account_id is not null)
);
create unique index pauses_of_scope on pauses (coalesce(account_id, ''), coalesce(enrollment_id, 0), coalesce(network, ''));

-- What an edge said of itself at its last heartbeat.
alter table edge_listeners add column status jsonb;
create index handshakes_by_address on handshakes (address, id);
