-- What is left of the new orders that a CA takes from one of our accounts (lifecycle clock): a token bucket that fills by itself between two moments.
create table order_budgets (
  account_name text not null,
  directory_url text not null,
  tokens double precision not null,
  at bigint not null,
  primary key (account_name, directory_url)
);

-- The lifetime of what production serves, of two certificates the one that ends first: how urgent a renewal is.
alter table enrollments add column live_from bigint, add column live_until bigint;
update enrollments e set live_from = live.not_before, live_until = live.not_after
from (
  select distinct on (d.enrollment_id) d.enrollment_id, c.not_before, c.not_after
  from deployments d join certificates c on c.id = any (d.certificate_ids)
  where d.network = 'production' and d.state = 'active'
  order by d.enrollment_id, c.not_after) live
where live.enrollment_id = e.id;

-- A renewal that waits for its turn among the orders of a CA account: the account (name, blank, directory), and when it was due. Null: it waits for nothing but renew_at.
alter table enrollments add column held_by text, add column held_since bigint;
create index enrollments_held on enrollments (held_by, id) where held_by is not null;
