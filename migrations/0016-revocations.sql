-- What the sandbox CA has revoked (lifecycle clock): its books, of which its revocation list is made.
create table sandbox_revocations (
  serial_number text primary key,
  reason text not null,
  revoked_at bigint not null
);
