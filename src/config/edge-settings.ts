import {
  count,
  duration,
  endpoint,
  endpoints,
  fileMode,
  namedEndpoints,
  oneOf,
  owner,
  path,
  text,
} from './kinds.ts'
import { optional, setting } from './setting.ts'

const served = oneOf('builtin', 'haproxy', 'directory')

/** What serves a network. The key in the file follows from the variable, so each is written out. */
export const edgeSettings = (network: string, prefix: string) => ({
  kind: setting(served, {
    variable: `${prefix}_EDGE`,
    default: 'builtin',
    meaning: `what serves the ${network} network: our own TLS edge, a HAProxy that runs beside this process ([haproxy.md](haproxy.md)), or any server that reads PEM files ([directory.md](directory.md))`,
  }),
  address: optional(endpoints, {
    variable: `${prefix}_EDGE_ADDRESS`,
    unset: 'none; wanted for `haproxy` and `directory`',
    meaning: `where clients of the ${network} network come in; every address is probed`,
  }),
  candidate: optional(endpoint, {
    variable: `${prefix}_EDGE_CANDIDATE`,
    unset: 'none; wanted for `haproxy`',
    meaning: 'private listener of the same process, where a generation is tried before clients meet it',
  }),
  folder: setting(path, {
    variable: `${prefix}_EDGE_FOLDER`,
    default: `edges/${network}`,
    meaning:
      'lists, manifests and certificates for `haproxy` and `directory`; relative to the home by default',
  }),
  reload: optional(text, {
    variable: `${prefix}_EDGE_RELOAD`,
    unset: 'none; wanted for `directory`',
    meaning:
      'command for `sh -c` that tells the server to read its files anew; exit code 0 says that it took them. For `haproxy` it is for what does not fit `tune.bufsize`, where no master socket is named',
  }),
  owner: optional(owner, {
    variable: `${prefix}_EDGE_FILE_OWNER`,
    unset: 'whoever runs this process',
    meaning: 'owner of the files of a `directory` edge',
  }),
  mode: setting(fileMode, {
    variable: `${prefix}_EDGE_FILE_MODE`,
    default: '0600',
    meaning:
      'mode of the private keys of a `directory` edge; certificates and the manifest are readable for all',
  }),
  pkcs12PasswordFile: optional(path, {
    variable: `${prefix}_EDGE_PKCS12_PASSWORD_FILE`,
    unset: 'none: no PKCS#12 files',
    meaning:
      'for a `directory` edge whose server reads PKCS#12: the file whose first line is the password of the files that are then written beside the PEM ones; read at the start',
  }),
  slots: optional(namedEndpoints, {
    variable: `${prefix}_SLOTS`,
    unset: 'none: every client has to say the name',
    meaning: `listeners of the built-in edge of the ${network} network for enrollments with \`sniOnly: false\`: a client that says no name there gets what answers the name after \`=\` ([tls.md](tls.md))`,
  }),
  haproxySocket: optional(path, {
    variable: `${prefix}_HAPROXY_SOCKET`,
    unset: 'none; wanted for `haproxy`',
    meaning: 'unix socket of its runtime API, level admin',
  }),
  haproxyMasterSocket: optional(path, {
    variable: `${prefix}_HAPROXY_MASTER_SOCKET`,
    unset: 'none: what does not fit `tune.bufsize` needs the reload command',
    meaning: 'unix socket of its master CLI (`haproxy -W -S`), asked for a reload',
  }),
})

/** Of both networks, whatever serves them. */
export const edgeKeepsLoaded = setting(duration, {
  variable: 'CERTRAIL_EDGE_KEEPS_LOADED',
  default: 'PT10M',
  meaning:
    'how long (real time) an edge keeps a generation at hand that a newer one has replaced, so that going back is a change of names alone ([going-back.md](going-back.md)); `PT0S`: not at all',
})

/** Of both networks, where the built-in edge serves them. */
export const edgeReadyCertificates = setting(count, {
  variable: 'CERTRAIL_EDGE_READY_CERTIFICATES',
  default: '1000',
  meaning:
    'how many deployments a built-in edge keeps ready to answer at a time, about 40 kB each; any other is made ready when somebody asks for it, which takes about a millisecond ([performance.md](performance.md))',
})
