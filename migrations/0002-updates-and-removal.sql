-- What is settled: the settings of the last completed change. `settings` is what GET shows, also while a change is under way; a cancelled change
-- puts it back to what is settled. Null until a first change has completed.
alter table enrollments add column settled_settings jsonb;
update enrollments set settled_settings = settings where auto_renewal_at is not null;

-- A removal that was asked for while production was being deployed to; it begins when that has ended.
alter table enrollments add column removal_wish jsonb;
