import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createDirectoryNetwork, type DirectoryNetwork } from '../../src/edge/directory/directory-network.ts'
import type { StapleFor } from '../../src/edge/builtin/staples.ts'
import { createReloadHook, type ReloadHook } from '../../src/edge/reload-hook.ts'
import type { Pkcs12Writer } from '../../src/edge/directory/manifest.ts'
import { createVersions } from '../../src/edge/directory/versions.ts'
import { createProbe } from '../../src/edge/probe.ts'
import { createProveCertificate } from '../../src/edge/prove-certificate.ts'
import { createCertificateReader } from '../../src/pki/certificate-reader.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { createNodeRandom } from './node-random.ts'
import type { TestNginx } from './nginx.ts'
import { steeredEdge } from './steered-edge.ts'

export interface DirectoryUnderTest {
  readonly network: DirectoryNetwork
  readonly edge: Edge
  readonly folder: string
  /** Everything that the command was told. */
  readonly told: readonly Readonly<Record<string, string>>[]
}

/** A directory edge before that nginx, with wishes given by hand instead of by a database. */
export function serveDirectory(
  nginx: TestNginx,
  options: {
    readonly reload?: (given: ReloadHook) => ReloadHook
    readonly mode?: number
    readonly stapleFor?: StapleFor
    readonly pkcs12?: Pkcs12Writer
  } = {},
): DirectoryUnderTest {
  const folder = join(nginx.folder, 'edge')
  const probe = createProbe({ random: createNodeRandom() })
  const told: Readonly<Record<string, string>>[] = []
  const hook = createReloadHook({
    command: nginx.reloadCommand,
    environment: nginx.environment,
    timeoutMs: 30_000,
  })
  const reload: ReloadHook = (environment) => {
    told.push(environment)
    return hook(environment)
  }
  const network = createDirectoryNetwork({
    network: 'staging',
    folder,
    versions: createVersions(folder, { mode: options.mode ?? 0o600 }, options.pkcs12 ?? null),
    pkcs12: options.pkcs12 ?? null,
    reload: options.reload?.(reload) ?? reload,
    addresses: [nginx.address],
    prove: createProveCertificate(probe, 5_000),
    split: createCertificateReader().split,
    stapleFor: options.stapleFor ?? (async () => null),
    pause: (milliseconds) => delay(milliseconds).then(() => {}),
  })
  return {
    network,
    edge: steeredEdge('directory', network, { addresses: [nginx.address], probe }),
    folder,
    told,
  }
}
