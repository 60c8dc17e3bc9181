-- Which of the generations that a network proved it was, counted by enrollment and network: what people name when they go back or pin.
alter table deployments add column proven_number integer;
update deployments set proven_number = numbered.number
from (
  select id, row_number() over (
    partition by enrollment_id, network order by activated_at, change_id, generation) as number
  from deployments where activated_at is not null) as numbered
where numbered.id = deployments.id;

-- Production of the enrollment keeps this deployment until somebody unpins it, or what it serves nears its end.
create table pins (
  enrollment_id bigint primary key references enrollments (id),
  account_id text not null references accounts (id),
  deployment_id text not null references deployments (id),
  reason text not null,
  pinned_by text not null,
  pinned_at bigint not null
);
