import { mkdir, stat } from 'node:fs/promises'
import type { Network } from '../domain/network.ts'
import { createDirectoryNetwork } from '../edge/directory/directory-network.ts'
import { createReloadHook } from '../edge/reload-hook.ts'
import type { Pkcs12Writer } from '../edge/directory/manifest.ts'
import { createVersions } from '../edge/directory/versions.ts'
import { createProbe } from '../edge/probe.ts'
import { createProveCertificate } from '../edge/prove-certificate.ts'
import { Problem } from '../errors/problem.ts'
import { writePkcs12 } from '../pki/pkcs12.ts'
import type { Random } from '../ports/random.ts'
import { createCertificateReader } from '../pki/certificate-reader.ts'
import { type LocalNetwork, PROBE_TIMEOUT_MS, stapleSource, startSteeredEdge } from './edges.ts'
import type { EdgeSideParts } from './listeners.ts'
import { readText } from './files.ts'
import type { EdgeSetting } from './settings.ts'

/** A reload that failed is tried again; files that somebody changed are found at the next deployment. */
const LOOK_EVERY_MS = 30_000
/** Every other OCSP response is a reload: those of ten minutes come together. */
const STAPLES_FRESH_MS = 10 * 60_000
const RELOAD_TIMEOUT_MS = 60_000

/** A network that some server beside this process serves from files. It need not run yet. */
export async function startDirectoryEdge(
  parts: EdgeSideParts,
  network: Network,
  setting: Extract<EdgeSetting, { readonly kind: 'directory' }>,
): Promise<LocalNetwork> {
  const { pause, random } = parts
  const { folder, owner, mode, pkcs12PasswordFile } = setting
  const pkcs12 = pkcs12PasswordFile === null ? null : await pkcs12Writer(pkcs12PasswordFile, random)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const steered = createDirectoryNetwork({
    network,
    folder,
    versions: createVersions(folder, { mode, ...(owner !== null && { owner }) }, pkcs12),
    pkcs12,
    reload: createReloadHook({
      command: setting.reload,
      environment: process.env,
      timeoutMs: RELOAD_TIMEOUT_MS,
    }),
    addresses: setting.addresses,
    prove: createProveCertificate(createProbe({ random }), PROBE_TIMEOUT_MS),
    split: createCertificateReader().split,
    stapleFor: stapleSource(parts, STAPLES_FRESH_MS),
    pause,
  })
  return startSteeredEdge(parts, network, {
    setting,
    steered,
    everyMs: LOOK_EVERY_MS,
    // Files say nothing of who reads them.
    describe: async () => ({ version: null, capabilities: [], fault: null }),
  })
}

/** The name of a file says when its password was written, not which one it is. */
async function pkcs12Writer(file: string, random: Random): Promise<Pkcs12Writer> {
  const [password = ''] = (await readText(file, 'CERTRAIL_…_EDGE_PKCS12_PASSWORD_FILE')).split(/\r?\n/)
  if (password === '')
    throw new Problem('not-ready', { detail: `The PKCS#12 password file ${file} has an empty first line.` })
  const { mtimeMs } = await stat(file)
  return {
    mark: Math.round(mtimeMs).toString(36),
    write({ sent, certificate }) {
      const { keyAlgorithm } = certificate
      const privateKey = certificate.privateKey()
      return writePkcs12({ certificates: sent, keyAlgorithm, privateKey }, password, random)
    },
  }
}
