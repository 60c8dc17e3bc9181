/**
 * Which folder of src/ may import what. Whatever is not written here is refused, a new folder too until it has a row.
 * `values`: folders whose code may be called; `types`: folders of which only types are known; `packages`: npm packages, `types:`
 * before one of which only the types; `builtins`: modules of Node.js. A folder always sees itself.
 * docs: ARCHITECTURE.md; proof: test/ground/arrows.test.ts.
 */
export const FOLDERS = {
  domain: { values: [], types: [], packages: ['croner', 'tldts', 'tr46'], builtins: false },
  errors: { values: [], types: [], packages: [], builtins: false },
  ports: { values: [], types: ['domain'], packages: [], builtins: false },
  app: { values: ['domain', 'errors'], types: ['ports'], packages: [], builtins: false },

  wire: { values: ['domain', 'errors'], types: ['app', 'ports'], packages: ['zod'], builtins: true },
  edgegrid: { values: ['domain', 'errors'], types: ['ports'], packages: [], builtins: true },
  http: {
    values: ['wire', 'edgegrid', 'domain', 'errors', 'inbound'],
    types: ['app', 'ports', 'observe'],
    packages: ['hono', '@hono/node-server', 'zod'],
    builtins: true,
  },
  jobs: {
    values: ['app', 'domain', 'errors'],
    types: ['ports', 'observe'],
    packages: [],
    builtins: true,
  },
  cli: {
    // It judges certificates on the user's machine, and fetches what they point at.
    values: ['edgegrid', 'domain', 'outbound', 'pki'],
    types: ['ports', 'errors'],
    packages: ['commander', 'ini', 'zod'],
    builtins: true,
  },
  config: { values: ['domain'], types: [], packages: ['zod'], builtins: true },

  store: {
    values: ['domain', 'errors'],
    // Views are what it reads rows into; the sandbox CA's orders are kept through an interface of that CA.
    types: ['ports', 'app', 'observe', 'authority'],
    packages: ['kysely', 'pg'],
    builtins: true,
  },
  authority: {
    values: ['domain', 'errors', 'outbound', 'pki'],
    types: ['ports', 'observe'],
    packages: [],
    builtins: true,
  },
  pki: { values: ['domain', 'errors'], types: ['ports', 'observe'], packages: [], builtins: true },
  custody: { values: ['domain', 'errors'], types: ['ports', 'observe'], packages: [], builtins: true },
  edge: {
    values: ['domain', 'errors', 'inbound'],
    types: ['ports', 'observe'],
    packages: ['types:pino'],
    builtins: true,
  },
  dns: {
    values: ['domain', 'errors', 'inbound'],
    types: ['ports', 'observe'],
    packages: ['dns-packet', 'types:pino'],
    builtins: true,
  },
  inbound: { values: [], types: [], packages: [], builtins: true },
  notices: {
    values: ['domain'],
    types: ['app', 'ports', 'outbound'],
    packages: ['nodemailer'],
    builtins: true,
  },
  outbound: { values: [], types: [], packages: [], builtins: true },
  validation: {
    values: ['domain', 'errors', 'outbound'],
    // Looks ask through the resolver's interface; which resolver that is, composition says.
    types: ['ports', 'observe', 'dns'],
    packages: ['types:pino'],
    builtins: true,
  },
  placement: {
    values: ['dns', 'outbound'],
    types: ['ports'],
    packages: [],
    builtins: true,
  },
  observe: {
    values: ['domain', 'errors'],
    types: ['ports'],
    packages: ['pino', 'prom-client'],
    builtins: true,
  },

  composition: { everything: true },
}

/** What single files may import besides. */
export const FILES = {
  'main.ts': { everything: true },
  'cli/main.ts': { values: ['observe'] },
  // @peculiar/x509 throws unless reflect-metadata was loaded before it: one file loads both, in that order.
  'pki/x509.ts': { packages: ['@peculiar/x509', 'reflect-metadata'] },
  // The home is locked before anything is built, hence plain JavaScript outside of src/.
  'store/postgres/database-lock.ts': { outside: ['scripts/lib/home-lock.mjs'] },
  'edge/haproxy/process-lock.ts': { outside: ['scripts/lib/home-lock.mjs'] },
}

/** Never imported, not even by who may import everything. */
const NOBODYS = ['main.ts', 'cli/main.ts']
const RESERVED = FILES['pki/x509.ts'].packages

/**
 * Why `file` (below src/) may not import `source`; null when it may. `typesOnly`: nothing of it is left at run time.
 */
export function refusal(file, source, typesOnly) {
  const folder = file.includes('/') ? file.split('/')[0] : file
  const row = FOLDERS[folder]
  const extra = FILES[file]
  if (row === undefined && extra === undefined) return `src/${folder} has no row in scripts/lint/arrows.mjs`
  const may = {
    everything: row?.everything === true || extra?.everything === true,
    of: (kind) => [...(row?.[kind] ?? []), ...(extra?.[kind] ?? [])],
  }
  return source.startsWith('.')
    ? relativeRefusal(file, folder, source, typesOnly, may)
    : packageRefusal(file, source, typesOnly, row, may)
}

function relativeRefusal(file, folder, source, typesOnly, may) {
  const target = resolve(file, source)
  if (target === null) {
    const path = resolve(`src/${file}`, source)
    return may.of('outside').includes(path) ? null : `src/${file} reaches out of src/ to ${path}`
  }
  if (NOBODYS.includes(target)) return `nothing imports src/${target}`
  const into = target.split('/')[0]
  if (into === folder) return null
  if (into === 'composition' && file !== 'main.ts') return 'only main.ts imports src/composition'
  if (may.everything || may.of('values').includes(into)) return null
  if (may.of('types').includes(into))
    return typesOnly ? null : `src/${folder} knows only types of src/${into}`
  return `src/${folder} does not import src/${into}`
}

function packageRefusal(file, source, typesOnly, row, may) {
  const name = source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/')
  if (source.startsWith('node:'))
    return may.everything || row?.builtins ? null : `src/${file} is a pure place: no ${source}`
  if (may.of('packages').includes(name)) return null
  if (RESERVED.includes(name)) return `${name} is imported by src/pki/x509.ts alone`
  if (may.everything) return null
  if (typesOnly && may.of('packages').includes(`types:${name}`)) return null
  return `src/${file} does not import the package ${name}`
}

/** Path of `source` seen from `file`, both relative to one root; null when it leaves the root. */
function resolve(file, source) {
  const path = file.split('/').slice(0, -1)
  for (const part of source.split('/')) {
    if (part === '.' || part === '') continue
    if (part !== '..') path.push(part)
    else if (path.pop() === undefined) return null
  }
  return path.join('/')
}
