-- Listeners of built-in edges where a client that says no name gets what answers one: `HOST:PORT NAME`.
alter table edge_listeners add column slots text[] not null default '{}';
