-- RFC 9773: when the CA is to be asked when it would like the live certificate to be replaced (lifecycle clock; null: nothing is live, or nobody to ask), and the
-- window that it last named. ask_failures: how often in a row it could not be asked.
alter table enrollments
  add column ask_at bigint, add column ask_failures integer not null default 0,
  add column window_start bigint, add column window_end bigint, add column window_url text;
update enrollments set ask_at = 0 where renew_at is not null and settled_settings ->> 'validationType' <> 'third-party';
create index enrollments_to_ask on enrollments (ask_at, id) where ask_at is not null and renew_at is not null and removed_at is null;
