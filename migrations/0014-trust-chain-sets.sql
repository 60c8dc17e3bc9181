-- Which authorities' client certificates a name may be entered with (client mutual authentication). Revisions are written once; each network enforces one of them.
create table trust_chain_sets (
  account_id text not null references accounts (id),
  id text not null,
  name text not null,
  staging_revision integer not null,
  production_revision integer not null,
  real_created_at bigint not null,
  primary key (account_id, id)
);
create table trust_chain_set_revisions (
  account_id text not null,
  set_id text not null,
  revision integer not null,
  certificates text[] not null,
  created_by text not null,
  real_created_at bigint not null,
  primary key (account_id, set_id, revision),
  foreign key (account_id, set_id) references trust_chain_sets (account_id, id) on delete cascade
);
insert into id_counters values ('trust-chain-set', 10000);
