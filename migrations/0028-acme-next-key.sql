-- RFC 8555 section 7.3.5: the key that an account is to get stands here, sealed, before the CA is asked to take it.
alter table acme_accounts add column sealed_next_key bytea;
