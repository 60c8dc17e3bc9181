-- When the certificate's CA revoked it, as far as Certrail heard (lifecycle clock): no network goes back to it.
alter table certificates add column revoked_at bigint;
update certificates set revoked_at = revoked.revoked_at
from sandbox_revocations revoked where revoked.serial_number = certificates.serial_number;
