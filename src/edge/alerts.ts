/** TLS alert descriptions: RFC 8446 section 6 with those of RFC 5246 section 7.2 that TLS 1.2 still sends; RFC 6066, RFC 7301, RFC 4279. */
export const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const

export type AlertName = keyof typeof ALERTS

const RECORD_ALERT = 21
const FATAL = 2

/**
 * A whole alert record in clear, for a peer that has had no ServerHello yet: Node has no way of its own to send `unrecognized_name`. The
 * record version is 3.1, as in a first ClientHello, which old clients take too; newer ones ignore it (RFC 8446 section 5.1).
 */
export function fatalAlert(name: AlertName): Uint8Array {
  return Uint8Array.of(RECORD_ALERT, 3, 1, 0, 2, FATAL, ALERTS[name])
}

export function alertNameOf(description: number): string {
  const known = Object.entries(ALERTS).find(([, value]) => value === description)
  return known === undefined ? `alert ${description}` : known[0]
}
