-- When the plan of an enrollment is looked at for conflicts next (lifecycle clock; 0: at once; null: not by time), and the open change that the last look found.
alter table enrollments
  add column plan_look_at bigint default 0, add column plan_look_change bigint, add column plan_look_revision integer;
create index enrollments_plan_looks on enrollments (plan_look_at, id)
  where plan_look_at is not null and live_until is not null and removed_at is null;
create index enrollments_plan_look_changes on enrollments (id) where plan_look_change is not null;

-- Which conflicts people were told, so that each is told once by all processes together, and once more when it is worse. change_id 0: about no change.
create table told_conflicts (
  enrollment_id bigint not null references enrollments (id) on delete cascade,
  code text not null,
  change_id bigint not null default 0,
  grade text not null check (grade in ('ahead', 'near', 'past')),
  until bigint not null,
  text text not null,
  primary key (enrollment_id, code, change_id)
);
