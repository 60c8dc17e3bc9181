#!/usr/bin/env node
// The reload command of examples/nginx: makes server blocks from Certrail's manifest, lets nginx look at them, and reloads it. Exit code 0 says that nginx took it.
import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { MANIFEST, FOLDER, NGINX_SERVERS, NGINX_LISTEN, NGINX_CONFIGURATION, NGINX_RESOLVER } = process.env
const { entries } = JSON.parse(readFileSync(MANIFEST, 'utf8'))

/** nginx lets a star stand for any number of labels, TLS for one (RFC 9525 section 6.3). */
const serverName = (name) =>
  name.startsWith('*.') ? `"~^[^.]+${name.slice(1).replaceAll('.', '\\.')}$"` : name

/**
 * nginx has one file for all certificates of a server: with an RSA and an ECDSA one it would be the wrong one for half of the clients. There nginx asks each certificate's
 * responder for itself, and sends each its own from the second handshake of a worker on; NGINX_RESOLVER is the DNS server that it finds responders by.
 */
function stapling(certificates) {
  const responses = certificates.flatMap(({ ocspResponse }) => ocspResponse ?? [])
  if (responses.length === 0) return ''
  if (certificates.length === 1)
    return `  ssl_stapling on;\n  ssl_stapling_file ${join(FOLDER, responses[0])};\n`
  return NGINX_RESOLVER ? `  ssl_stapling on;\n  resolver ${NGINX_RESOLVER};\n` : ''
}

/**
 * nginx takes the TLS versions of a listener from its default server alone (`ssl_protocols` there, docs/directory.md). A name that is not to speak TLS 1.2 has no
 * cipher of it that any client could use.
 */
const ciphers = ({ minVersion, ciphers: offered }) =>
  minVersion === 'TLSv1.3' ? 'PSK-AES256-GCM-SHA384' : offered.join(':')

const block = ({ names, tls, certificates }) => `server {
  listen ${NGINX_LISTEN} ssl http2;
  server_name ${names.map(serverName).join(' ')};
${certificates
  .map(
    ({ fullChain, privateKey }) =>
      `  ssl_certificate ${join(FOLDER, fullChain)};\n  ssl_certificate_key ${join(FOLDER, privateKey)};`,
  )
  .join('\n')}
${stapling(certificates)}  ssl_ciphers ${ciphers(tls)};
  ssl_conf_command Ciphersuites ${tls.suites.join(':')};
  ssl_ecdh_curve ${tls.groups.join(':')};
  ssl_prefer_server_ciphers on;
  ssl_session_tickets off;
  location / {
    return 200 "served by nginx\\n";
  }
}
`

writeFileSync(`${NGINX_SERVERS}.new`, entries.map(block).join('\n'), { mode: 0o644 })
renameSync(`${NGINX_SERVERS}.new`, NGINX_SERVERS)
execFileSync('nginx', ['-q', '-t', '-c', NGINX_CONFIGURATION], { stdio: 'inherit' })
execFileSync('nginx', ['-q', '-s', 'reload', '-c', NGINX_CONFIGURATION], { stdio: 'inherit' })
