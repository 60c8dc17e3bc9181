-- What OCSP responders said of served certificates (real clock). Nothing that cannot be asked for again.
create table staples (
  certificate_id text primary key references certificates (id) on delete cascade,
  response bytea,
  status text,
  real_this_update bigint,
  real_next_update bigint,
  failures integer not null,
  real_ask_at bigint not null
);
create index staples_ask_at on staples (real_ask_at, certificate_id);
