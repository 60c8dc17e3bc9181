-- When the names of an enrollment are looked at next, for whether its renewal could be proven (lifecycle clock; 0: at once; null: not by time). What is live already
-- is looked at from the tenth of its life before its renewal on.
alter table enrollments add column names_look_at bigint;
update enrollments set names_look_at = greatest(0, renew_at - (live_until - live_from) / 10)
where renew_at is not null and live_until is not null and removed_at is null and settled_settings ->> 'validationType' = 'dv';
create index enrollments_name_looks on enrollments (names_look_at, id) where names_look_at is not null and removed_at is null;

-- What these looks found. stood: the ways to prove it that stood when one last did. fault_looks: in how many looks one after the other something was wrong.
create table name_standings (
  enrollment_id bigint not null references enrollments (id) on delete cascade,
  name text not null,
  stood text[] not null,
  was_known boolean not null,
  fault_reason text,
  fault_text text,
  fault_looks integer not null default 0,
  fault_since bigint,
  primary key (enrollment_id, name)
);
create index name_standings_at_fault on name_standings (enrollment_id) where fault_reason is not null;
