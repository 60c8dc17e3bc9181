-- When the renewal engine is to begin a renewal (lifecycle clock). Null: it has begun one, or nothing is live. auto_renewal_at is what is shown.
alter table enrollments add column renew_at bigint;
update enrollments set renew_at = auto_renewal_at;
create index enrollments_to_renew on enrollments (renew_at, id) where renew_at is not null and removed_at is null;
