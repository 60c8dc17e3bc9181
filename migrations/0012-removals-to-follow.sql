-- Enrollments whose removal waits for a push to production: looked for every now and then, and nearly always none.
create index enrollments_to_remove on enrollments (id) where removal_wish is not null and removed_at is null;
