-- What is due is read from changes.next_at itself: no queue beside it, and no marks for who holds a change's lock.
drop schema if exists graphile_worker cascade;
alter table changes drop column wakeups;
