import { CIPHER_PROFILES, DEFAULT_PROFILE, TLS_1_3_SUITES } from './cipher-profiles.ts'

/** docs/tls.md. Made from the tables, and proven equal to them by a test. */
export function tlsDocument(): string {
  return [
    '# What an enrollment’s network settings do',
    '',
    '<!-- Generated from src/domain/tls-policy by `npm run docs`. Change the tables there, not this page. -->',
    '',
    'Settings belong to a deployment: what staging was seen to serve with them is what production gets, and a change of settings alone goes the same way.',
    '',
    '| member of `networkConfiguration` | carried out by the edges |',
    '|---|---|',
    '| `disallowedTlsVersions` | yes, for each name. Edges speak TLS 1.2 and 1.3 and nothing below (RFC 8996); a request that leaves neither is a 400 |',
    '| `mustHaveCiphers`, `preferredCiphers` | yes: the ciphers of both profiles below, must-have ones first, in the server’s order of preference |',
    '| `fipsMode` | in part: approved algorithms alone (AES-GCM with ECDHE on P-256 and P-384, NIST SP 800-52r2 section 3.3.1). Whether the cryptographic module is a validated one is the host’s affair |',
    '| `dnsNameSettings` | yes: which names are answered |',
    '| `clientMutualAuthentication` | stored and shown; not yet carried out |',
    '| `ocspStapling` | stored and shown; not yet carried out |',
    '| `sniOnly` | stored and shown; every client has to say the name |',
    '| `geography`, `secureNetwork` | stored and shown; your edges stand where you put them |',
    '| `quicEnabled` | stored and shown; no edge speaks QUIC |',
    '',
    'Key exchange groups are X25519, P-256 and P-384 in this order. ALPN offers `h2` and `http/1.1` (RFC 7301). With two certificates on a name (dual stack) a client',
    'gets the ECDSA one unless it can verify RSA alone. A session is resumed only by the very deployment that gave it, so never under other settings, another',
    'certificate or another name; a `Host` or `:authority` of another name than the handshake’s is answered with 421 (RFC 9110 section 15.5.20).',
    '',
    '## Cipher profiles',
    '',
    'The names are those of the CPS API; what they contain is published nowhere, so the contents are our own, by RFC 9325. Names of the form `ak-…` that stand',
    `in no row are accepted and served as \`${DEFAULT_PROFILE}\`. TLS 1.3 has ${TLS_1_3_SUITES.map((name) => `\`${name}\``).join(', ')} in every profile`,
    '(without ChaCha20 where the name says so).',
    '',
    '| profile | TLS 1.2 |',
    '|---|---|',
    ...Object.entries(CIPHER_PROFILES).map(
      ([name, { ciphers }]) => `| \`${name}\` | ${ciphers.map((cipher) => `\`${cipher}\``).join(' ')} |`,
    ),
    '',
  ].join('\n')
}
