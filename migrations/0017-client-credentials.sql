-- A client has one or two live credentials: the second one is made before the first is retired. A retired one keeps its row, so that its token answers
-- "inactive" and is never given to another; its secret is gone.
create table client_credentials (
  client_token text primary key,
  client_id text not null references api_clients (id),
  -- Counts the credentials of a client; what the secret is sealed with.
  version integer not null,
  sealed_secret bytea,
  real_created_at bigint not null,
  real_expires_at bigint,
  real_retired_at bigint,
  real_last_used_at bigint,
  unique (client_id, version)
);
insert into client_credentials (client_token, client_id, version, sealed_secret, real_created_at)
  select client_token, id, 1, sealed_secret, real_created_at from api_clients;
alter table api_clients drop column client_token;
alter table api_clients drop column sealed_secret;

-- Whole: all of its credentials end with it.
alter table api_clients add column real_expires_at bigint;
-- Accounts besides its own whose switch keys it may use; `may_switch` means all, and is for clients of the installation's own account.
alter table api_clients add column switch_accounts text[] not null default '{}';
update api_clients set may_switch = false where account_id <> 'A-SANDBOX';
