import { issueServiceCertificate } from '../authority/local/service-certificates.ts'
import type { Network } from '../domain/network.ts'
import { createHaproxyNetwork } from '../edge/haproxy/haproxy-network.ts'
import { haproxyPlaces, layOut } from '../edge/haproxy/list-files.ts'
import { createProcessLock } from '../edge/haproxy/process-lock.ts'
import { haproxyCapabilities } from '../edge/haproxy/capabilities.ts'
import { type AskForReload, createMasterReload } from '../edge/haproxy/reload.ts'
import { createRuntimeApi, type RuntimeApi } from '../edge/haproxy/runtime-api.ts'
import { createRuntimeSocket } from '../edge/haproxy/runtime-socket.ts'
import { createProbe } from '../edge/probe.ts'
import { createReloadHook } from '../edge/reload-hook.ts'
import { Problem } from '../errors/problem.ts'
import { createCertificateReader } from '../pki/certificate-reader.ts'
import {
  type Described,
  FOLLOW_ALL_EVERY_MS,
  type LocalNetwork,
  PROBE_TIMEOUT_MS,
  stapleSource,
  startSteeredEdge,
} from './edges.ts'
import type { Pause } from '../ports/pause.ts'
import type { Random } from '../ports/random.ts'
import type { EdgeSideParts } from './listeners.ts'
import type { EdgeSetting } from './settings.ts'

/** How long HAProxy may serve something else than the wish, or its files lag, at most after a restart; what a stranger did to one of many is found in its turn. */
const LOOK_EVERY_MS = 5_000
const RUNTIME_TIMEOUT_MS = 10_000
const RELOAD_TIMEOUT_MS = 60_000

type HaproxySetting = Extract<EdgeSetting, { readonly kind: 'haproxy' }>

/** A network that a HAProxy beside this process serves. It need not run yet: what it reads at its start is laid out here, and it is led as soon as it answers. */
export async function startHaproxyEdge(
  parts: EdgeSideParts,
  network: Network,
  setting: HaproxySetting,
): Promise<LocalNetwork> {
  const { log, pause, random, failpoints } = parts
  const places = haproxyPlaces(withoutSpaces(setting.folder))
  await layOut(places, { placeholderPem: placeholderOf(parts), ticketKeys: ticketKeysOf(random) })
  const api = createRuntimeApi(createRuntimeSocket(setting.socket, { timeoutMs: RUNTIME_TIMEOUT_MS }))
  const steered = createHaproxyNetwork({
    network,
    api,
    withLock: createProcessLock(setting.socket, pause),
    places,
    addresses: setting.addresses,
    candidate: setting.candidate,
    stapleFor: stapleSource(parts),
    reload: reloadOf(setting, pause),
    probe: createProbe({ random }),
    probeTimeoutMs: PROBE_TIMEOUT_MS,
    split: createCertificateReader().split,
    log,
    pause,
    afterStep: (step) => failpoints.reach('after', [`haproxy-${network}-${step}`]),
  })
  return startSteeredEdge(parts, network, {
    setting,
    steered,
    everyMs: FOLLOW_ALL_EVERY_MS,
    lookEveryMs: LOOK_EVERY_MS,
    describe: () => describeHaproxy(api),
  })
}

/** What no command can carry comes by a reload, where somebody said how to ask for one. */
function reloadOf(
  { masterSocket, reload }: Pick<HaproxySetting, 'masterSocket' | 'reload'>,
  pause: Pause,
): AskForReload | null {
  if (masterSocket !== null)
    return createMasterReload(
      createRuntimeSocket(masterSocket, { timeoutMs: RUNTIME_TIMEOUT_MS, endsInput: true }),
      pause,
    )
  if (reload === null) return null
  const hook = createReloadHook({
    command: reload,
    environment: process.env,
    timeoutMs: RELOAD_TIMEOUT_MS,
  })
  return () => hook({})
}

/** Asked at each heartbeat: it may have been replaced meanwhile. */
async function describeHaproxy(api: RuntimeApi): Promise<Described> {
  try {
    const { version } = await api.info()
    return { version, capabilities: haproxyCapabilities(version), fault: null }
  } catch (error) {
    const fault = error instanceof Error ? error.message : 'it does not answer'
    return { version: null, capabilities: [], fault }
  }
}

/** Neither a crt-list nor the runtime API can name a path with a space in it. */
function withoutSpaces(folder: string): string {
  if (/^\/[A-Za-z0-9/._-]+$/.test(folder)) return folder
  throw new Problem('not-ready', {
    detail: `HAProxy cannot be given files below ${folder}: letters, digits and "/._-" alone. Set another CERTRAIL_…_EDGE_FOLDER.`,
  })
}

/** Answers nobody: lists with `strict-sni` start with it because HAProxy wants a first certificate. */
function placeholderOf({ hierarchies, random, real }: EdgeSideParts): string {
  const issued = issueServiceCertificate(
    { names: ['placeholder.invalid'], now: real.now() },
    { hierarchy: hierarchies.service, random },
  )
  return issued.certificatePem + issued.privateKeyPem
}

/** HAProxy's Configuration Manual, `tls-ticket-keys`: three keys, the one before the last seals. */
const ticketKeysOf = (random: Random): string =>
  Array.from({ length: 3 }, () => `${Buffer.from(random.bytes(48)).toString('base64')}\n`).join('')
