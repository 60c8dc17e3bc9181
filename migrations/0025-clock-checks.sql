-- Live mode: how each process's clock stands to the database's (real clock). `stopped_since`: it moved by itself, and nothing is issued until somebody confirms it.
create table clock_checks (
  instance text primary key,
  -- Ahead of the database's clock, at the last look and at the last confirmation.
  difference_ms bigint not null,
  confirmed_ms bigint not null default 0,
  -- The latest that this process has seen on its clock; null: since a confirmation nothing.
  real_seen_at bigint,
  stopped_since bigint,
  reason text
);
-- What concerns no enrollment is told, too.
alter table notices alter column enrollment_id drop not null;
