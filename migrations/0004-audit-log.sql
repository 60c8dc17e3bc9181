-- Who did what to which object. Entries of one account are a chain: hash = SHA-256(previous_hash || canonical JSON of the entry), hex.
-- Ids count 1, 2, 3 … within the account, so that a missing entry shows. No foreign keys: the log outlives what it speaks of.
-- Instants are whole seconds, as they are hashed and shown.
create table audit_log (
  account_id text not null,
  id bigint not null,
  real_at bigint not null check (real_at % 1000 = 0),
  lifecycle_at bigint not null check (lifecycle_at % 1000 = 0),
  actor text not null,
  source text not null,
  action text not null,
  object text not null,
  digest_before text,
  digest_after text,
  detail jsonb not null,
  previous_hash text not null,
  hash text not null,
  primary key (account_id, id)
);

-- The newest entry of each account. Its row lock serialises appends: whoever waits for it sees the entry that was written meanwhile.
create table audit_heads (
  account_id text primary key,
  id bigint not null,
  previous_hash text not null,
  hash text not null
);

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only: % of % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on audit_log for each row execute function refuse_change_of_audit();
create trigger append_only_whole before truncate on audit_log for each statement execute function refuse_change_of_audit();
create trigger append_only before delete on audit_heads for each row execute function refuse_change_of_audit();
create trigger append_only_whole before truncate on audit_heads for each statement execute function refuse_change_of_audit();
create trigger forwards_only before update on audit_heads for each row
  when (new.account_id <> old.account_id or new.id <> old.id + 1 or new.previous_hash <> old.hash)
  execute function refuse_change_of_audit();
