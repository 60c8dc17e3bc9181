-- What staging showed of a deployment, next to what production showed then. `answered_by`: what production was wished to answer `name` with.
create table comparisons (
  deployment_id text primary key references deployments (id) on delete cascade,
  document text not null,
  name text not null,
  answered_by text
);
