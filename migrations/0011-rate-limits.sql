-- When an account's latest calls were let through (real clock, ascending). Unlogged, as nonces are: an unclean stop forgets what a minute would have forgotten.
create unlogged table rate_counts (
  account_id text not null,
  resource text not null,
  real_taken bigint[] not null,
  primary key (account_id, resource)
);

-- For the least time between two enrollments of one contract (setting CERTRAIL_ENROLLMENT_INTERVAL).
alter table contracts add column real_last_enrollment_at bigint;
