-- RFC 8555 section 7.3.3: a CA that wants a person to act before it does anything more for the account says so here. Null: it does not.
alter table acme_accounts add column action jsonb;
