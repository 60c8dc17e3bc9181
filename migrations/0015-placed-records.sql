-- TXT values of challenges that we wrote, or were about to write, into zones that others answer. A row goes before its record and stays until the record is
-- gone, so that a crash in between leaves nothing behind.
create table placed_records (
  change_id bigint not null references changes (id),
  domain text not null,
  generation integer not null,
  zone text not null,
  owner text not null,
  value text not null,
  placed_at bigint not null,
  -- How often its removal has begun, and when it may begin again: whoever takes it up moves that moment.
  removals integer not null default 0,
  real_removal_at bigint not null default 0,
  primary key (change_id, owner, value)
);
create index placed_records_by_value on placed_records (owner, value);
