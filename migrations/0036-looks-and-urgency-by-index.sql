-- When what a network serves for a deployment is looked at next (real clock; 0: at once; null: it is not live). What becomes live asks for its first look by itself.
alter table served_looks alter column real_looked_at drop not null, add column real_due_at bigint;
insert into served_looks (deployment_id) select id from deployments where state = 'active' on conflict do nothing;
update served_looks l set real_due_at = coalesce(l.real_looked_at + case when l.problem is null then 900000 else 60000 end, 0)
from deployments d where d.id = l.deployment_id and d.state = 'active';
create index served_looks_due on served_looks (real_due_at, deployment_id) where real_due_at is not null;

-- Lifetimes within a fiftieth of each other: among them who ends first has the smallest share of its life left, at every moment, so that an index has them in order.
alter table enrollments add column lifetime_class integer generated always as (
  coalesce(floor(ln(greatest(1, live_until - live_from)::double precision) * 50)::integer, -1)) stored;
create index enrollments_by_urgency on enrollments (lifetime_class, live_until nulls first, id, renew_at)
  where renew_at is not null and removed_at is null;
