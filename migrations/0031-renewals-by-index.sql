-- After an outage a twelfth of a fleet can be due at once: which of them go first is read off the index alone.
drop index enrollments_to_renew;
create index enrollments_to_renew on enrollments (renew_at, id) include (live_from, live_until) where renew_at is not null and removed_at is null;
