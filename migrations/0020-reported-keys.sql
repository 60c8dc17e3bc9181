-- Keys that nobody is to use any more, because somebody else may have them: the SHA-256 of their SubjectPublicKeyInfo (lifecycle clock).
-- What the installation's own account reports holds for every account.
create table reported_keys (
  account_id text not null references accounts (id),
  fingerprint text not null,
  everywhere boolean not null,
  note text,
  reported_by text not null,
  reported_at bigint not null,
  primary key (account_id, fingerprint)
);
create index reported_keys_by_fingerprint on reported_keys (fingerprint);
