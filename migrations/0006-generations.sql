-- Another upload while the acknowledgement is waited for: a change then has a further deployment on staging, and the certificate that staging
-- still serves stays until the new one has taken its place. `generation` counts a change's deployments on a network from 1.
alter table deployments add column generation integer not null default 1;
alter table deployments drop constraint deployments_change_id_network_key;
alter table deployments add constraint deployments_generation unique (change_id, network, generation);

-- A certificate in whose place another was uploaded. What was deployed stays readable, and deployable for the way back.
alter table certificates add column superseded boolean not null default false;
alter table certificates drop constraint certificates_change_id_key_algorithm_key;
create unique index certificates_of_change on certificates (change_id, key_algorithm) where not superseded;
