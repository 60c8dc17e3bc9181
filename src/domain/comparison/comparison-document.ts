import { CLIENT_KIND_IDS, clientKind } from './client-kinds.ts'
import { DIFFERENCE_IDS, DIFFERENCES } from './differences.ts'

/** docs/comparison.md. Made from the tables, and proven equal to them by a test. */
export function comparisonDocument(): string {
  return [
    '# Staging next to production',
    '',
    '<!-- Generated from src/domain/comparison by `npm run docs`. Change the tables there, not this page. -->',
    '',
    'With change management on: as soon as staging has been proven to serve a change, and before anybody is asked for the acknowledgement, every address of staging and of production is',
    'met in full handshakes by several kinds of client. What they saw is compared: what clients of production would see differently once the change is there. It works',
    'alike on the built-in edges, HAProxy and servers that read files, since nothing but handshakes is looked at.',
    '',
    '`certrail explain ENROLLMENT` shows the differences and how each kind of client was met; so does `GET /certrail/v1/enrollments/{E}/changes/{C}/explain`, as `comparison`.',
    'While the acknowledgement is waited for the whole of it stands in `document` too, which is what the hash covers: whoever acknowledges with that hash acknowledges',
    'this very comparison. change-management-info itself has no other members than those of the CPS API.',
    '',
    '## Kinds of client',
    '',
    '| client | TLS | key | ALPN | TLS 1.2 ciphers |',
    '|---|---|---|---|---|',
    ...CLIENT_KIND_IDS.map(clientRow),
    '',
    'A client that says no name is met only where a listener is kept for such clients ([tls](tls.md)), and only of its enrollment. Names are met by the first one that both networks',
    'serve; of a wildcard one that it covers.',
    '',
    'Both networks are met at once, each in at most eight handshakes at a time, however many changes a process compares. An address that does not answer the first kind of client within three',
    'seconds is not asked by the others.',
    '',
    'Which of them staging has to answer, with which certificate, chain and version, follows from the settings and the certificates; all others it has to refuse. Anything else is a finding',
    'on the change: a `VALIDATION_EXCEPTION` with a sentence, in `validationResult`, under the hash, and in explain. It stops nothing by itself. HAProxy and the built-in edges carry the',
    'settings out; a server that reads files has its own configuration for versions and ciphers, so there such a finding says what that configuration lacks.',
    '',
    '## Differences',
    '',
    '| id | what differs |',
    '|---|---|',
    ...DIFFERENCE_IDS.map((id) => `| \`${id}\` | ${DIFFERENCES[id].about} |`),
    '',
    'Where production answers nobody for the names, or cannot be seen, there are no differences, and that is said instead; an edge of production that is away keeps',
    'a change waiting for three seconds (the acknowledgement comes that much later; staging has been proven by then), and more than eight addresses that are away at once for as many seconds more.',
    '',
    '## What does not change between two looks',
    '',
    'The comparison holds no addresses, moments or random octets: addresses that answer alike are one outcome, and of the octets on the wire only the Certificate message is counted, since',
    'signatures vary in length. So a look that is repeated after a crash gives the same document, and the same hash.',
    '',
    'It is frozen with what staging serves. Another upload is staged, compared and frozen anew, with another hash. When production alone goes on meanwhile (another enrollment of the account',
    'took the name over), what was frozen and its hash stay as they are, because what would be released is the same; explain says in `note` that production is not any more what it was',
    'compared as. Cancel the change and start it again to compare anew.',
    '',
  ].join('\n')
}

function clientRow(id: (typeof CLIENT_KIND_IDS)[number]): string {
  const { words, offer } = clientKind(id)
  const { minVersion, maxVersion, keyAlgorithm, alpn } = offer
  const versions = minVersion === maxVersion ? minVersion : `${minVersion} to ${maxVersion}`
  const ciphers = offer.ciphers.filter((cipher) => !cipher.startsWith('TLS_'))
  const older =
    maxVersion === 'TLSv1.2' && ciphers.length < 8 ? ciphers.map((cipher) => `\`${cipher}\``).join(' ') : null
  const said = minVersion === 'TLSv1.3' ? 'none' : (older ?? 'all of every profile')
  return `| ${words} | ${versions} | ${keyAlgorithm ?? 'RSA or ECDSA'} | ${alpn.map((each) => `\`${each}\``).join(' ')} | ${said} |`
}
