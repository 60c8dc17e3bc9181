/**
 * Which file of src/ may open connections. A URL or a host that came from outside goes through src/outbound, which judges the very address that is connected to;
 * everything else here has a reason of its own. Whatever is not written here is refused. Proof: test/ground/outbound.test.ts.
 */
export const MAY_CONNECT = {
  'outbound/fetch-once.ts': 'the guarded way itself',
  'outbound/handshake.ts': 'the guarded way itself',
  'outbound/system-addresses.ts': 'the guarded way itself',
  'dns/exchange.ts':
    'questions to the configured resolver, and to authoritative servers whose addresses outbound/addresses.ts has judged',
  'edge/recording-connection.ts': 'handshakes with edges that have registered themselves',
  'edge/probe.ts': 'handshakes with edges that have registered themselves',
  'authority/acme/send.ts':
    'judges each address that it connects to by outbound/addresses.ts, and keeps connections open, which a single fetch does not',
  'edge/haproxy/runtime-socket.ts': 'the administration socket of a HAProxy of the operator',
  'cli/api.ts': "runs on the user's machine, against the server of the user's own edgerc",
  'cli/check/addresses.ts': "runs on the user's machine, for names that the user gives",
  'cli/handshake.ts': "runs on the user's machine, against addresses that the user gives",
}

/** Names by which a module of Node.js lets a connection be opened or a host be looked up. */
const OPENERS = {
  http: ['request', 'get', 'Agent', 'globalAgent', 'ClientRequest'],
  https: ['request', 'get', 'Agent', 'globalAgent'],
  http2: ['connect'],
  net: ['connect', 'createConnection', 'Socket', 'Stream'],
  tls: ['connect', 'TLSSocket'],
  dgram: ['createSocket', 'Socket'],
  dns: ['lookup', 'promises', 'Resolver', /^resolve/, /^reverse/],
  'dns/promises': ['lookup', 'Resolver', /^resolve/, /^reverse/],
}

/** A responder binds, and answers whoever asked. */
const MAY_BIND = { 'dns/responder.ts': ['createSocket'] }

/** Why `file` (below src/) may not import `name` of a module as a value; null when it may. `name` null: all of it. */
export function connectionRefusal(file, source, name) {
  const module = typeof source === 'string' ? source.replace(/^node:/, '') : ''
  const openers = Object.hasOwn(OPENERS, module) ? OPENERS[module] : null
  if (openers === null || Object.hasOwn(MAY_CONNECT, file) || file.endsWith('.test.ts')) return null
  if (name !== null && MAY_BIND[file]?.includes(name)) return null
  const opens =
    name === null || openers.some((one) => (one instanceof RegExp ? one.test(name) : one === name))
  return opens
    ? `src/${file} may not open connections: what comes from outside goes through src/outbound`
    : null
}
