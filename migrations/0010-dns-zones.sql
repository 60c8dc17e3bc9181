-- DNS zones that accounts keep with us (Edge DNS API), answered by our own responder from these tables.
create table dns_zones (
  name text primary key,
  account_id text not null references accounts (id),
  contract_id text not null references contracts (id),
  comment text not null,
  end_customer_id text not null,
  sign_and_serve boolean not null,
  sign_and_serve_algorithm text,
  serial bigint not null,
  version_id text not null,
  real_modified_at bigint not null,
  modified_by text not null
);
create index dns_zones_of_account on dns_zones (account_id, name);

create table dns_record_sets (
  zone text not null references dns_zones (name) on delete cascade,
  name text not null,
  type text not null,
  ttl_seconds bigint not null,
  data text[] not null,
  primary key (zone, name, type)
);
-- Whether something lies below a name: it exists then, as an empty non-terminal.
create index dns_record_sets_from_the_top on dns_record_sets (zone, (reverse(name) collate "C"));

-- What became of requests to delete zones: clients ask for it afterwards.
create table dns_zone_deletions (
  id text primary key,
  account_id text not null references accounts (id),
  deleted text[] not null,
  failed jsonb not null,
  real_at bigint not null
);
