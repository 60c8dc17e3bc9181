#!/usr/bin/env node
// The reload command of examples/nginx: makes server blocks from Certrail's manifest, lets nginx look at them, and reloads it. Exit code 0 says that nginx took it.
import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { MANIFEST, FOLDER, NGINX_SERVERS, NGINX_LISTEN, NGINX_CONFIGURATION } = process.env
const { entries } = JSON.parse(readFileSync(MANIFEST, 'utf8'))

/** nginx lets a star stand for any number of labels, TLS for one (RFC 9525 section 6.3). */
const serverName = (name) =>
  name.startsWith('*.') ? `"~^[^.]+${name.slice(1).replaceAll('.', '\\.')}$"` : name

/** nginx has one file for all certificates of a server: with an RSA and an ECDSA one it would be the wrong one for half of the clients. */
const stapling = (certificates) =>
  certificates.length === 1 && certificates[0].ocspResponse !== null
    ? `  ssl_stapling on;\n  ssl_stapling_file ${join(FOLDER, certificates[0].ocspResponse)};\n`
    : ''

const block = ({ names, tls, certificates }) => `server {
  listen ${NGINX_LISTEN} ssl http2;
  server_name ${names.map(serverName).join(' ')};
${certificates
  .map(
    ({ fullChain, privateKey }) =>
      `  ssl_certificate ${join(FOLDER, fullChain)};\n  ssl_certificate_key ${join(FOLDER, privateKey)};`,
  )
  .join('\n')}
${stapling(certificates)}  ssl_ciphers ${tls.ciphers.join(':')};
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
