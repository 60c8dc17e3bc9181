-- What the control plane last saw a network serve for a deployment, in a full handshake with each of its addresses (real clock).
create table served_looks (
  deployment_id text primary key references deployments (id) on delete cascade,
  real_looked_at bigint not null,
  -- Of the certificate that was seen, the first to end; null: none has been seen.
  not_before bigint,
  not_after bigint,
  -- Why it is not what it should be; null: it is.
  problem text
);
