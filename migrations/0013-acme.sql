-- Accounts at ACME servers, by their name in the configuration and the directory: another directory is another account. RFC 8555 section 7.1.2.
create table acme_accounts (
  name text not null,
  directory_url text not null,
  sealed_key bytea not null,
  -- Null until the server has answered.
  account_url text,
  -- What is known of the CA (real clock): it asked to be left alone until then, or has not answered since.
  limited_until bigint,
  down_since bigint,
  reason text,
  real_created_at bigint not null,
  primary key (name, directory_url)
);

-- Orders at ACME servers. `placing` is committed before the CA is asked for one, so that a crash in between is known.
create table acme_orders (
  change_id bigint not null references changes (id),
  generation integer not null,
  account_name text not null,
  directory_url text not null,
  identifiers text[] not null,
  profile text,
  preferred_chain text,
  replaces text,
  step text not null check (step in ('placing', 'placed', 'finalizing', 'issued', 'abandoned')),
  order_url text,
  finalize_url text,
  -- Identifier and URL of each.
  authorizations jsonb not null default '[]',
  -- The CA's own words, when it refused.
  problem jsonb,
  real_created_at bigint not null,
  primary key (change_id, generation)
);
create unique index acme_orders_by_url on acme_orders (order_url) where order_url is not null;

-- Looks of a CA that failed, for the budget per name and account.
create table acme_failures (
  account_name text not null,
  directory_url text not null,
  identifier text not null,
  real_at bigint not null
);
create index acme_failures_by_identifier on acme_failures (account_name, directory_url, identifier, real_at);
