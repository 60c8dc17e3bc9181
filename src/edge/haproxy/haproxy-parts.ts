import { dirname, join } from 'node:path'
import type { Network } from '../../domain/network.ts'
import type { Pause } from '../../ports/pause.ts'
import type { EdgeLog } from '../builtin/observation.ts'
import type { StapleFor } from '../builtin/staples.ts'
import type { Probe } from '../probe.ts'
import { type Address, createProveCertificate } from '../prove-certificate.ts'
import type { SplitPem } from '../served-pem.ts'
import { createBindMap } from './bind-map.ts'
import { createCandidateList } from './candidate-list.ts'
import { createClientAuthorities } from './client-authorities.ts'
import { createListFiles, type HaproxyPlaces, isOursIn } from './list-files.ts'
import { createLongFiles } from './long-files.ts'
import type { AskForReload } from './reload.ts'
import type { RuntimeApi } from './runtime-api.ts'
import { type AfterStep, createRuntimeList } from './runtime-list.ts'
import type { StoredLine } from './runtime-replies.ts'
import { createEntryStaples } from './staples.ts'
import { type Bind, createEntries, type EntryOptions, type WishedEntry } from './wished-entries.ts'

export interface HaproxyOptions {
  readonly network: Network
  readonly api: RuntimeApi
  readonly places: HaproxyPlaces
  /** Where clients come in; every one of them is probed. */
  readonly addresses: readonly Address[]
  /** The private listener of the same process, with the candidate list. */
  readonly candidate: Address
  readonly probe: Probe
  readonly probeTimeoutMs: number
  readonly split: SplitPem
  readonly log: EdgeLog
  readonly pause: Pause
  readonly afterStep?: AfterStep
  readonly stapleFor: StapleFor
  /** Null: nobody said how HAProxy is asked for one. */
  readonly reload: AskForReload | null
  readonly trustSetOf: EntryOptions['trustSetOf']
}

export type HaproxyParts = ReturnType<typeof createHaproxyParts>

/** One HAProxy process with its files: what each part of it is led by. */
export function createHaproxyParts(options: HaproxyOptions) {
  const { network, api, places, log, afterStep = () => {} } = options
  const entries = createEntries({
    split: options.split,
    trustFolder: places.trust,
    pathOf: ({ bind, fileName }) => join(places[bind].folder, fileName),
    trustSetOf: options.trustSetOf,
  })
  const listOptions = {
    afterStep,
    foreignAborted: (file: string) =>
      log.warn({ network, file }, 'somebody left a certificate transaction open in HAProxy; aborted'),
  }
  const fileOf = ({ bind, fileName }: WishedEntry): string => join(places[bind].folder, fileName)
  const staples = createEntryStaples({ network, api, fileOf, stapleFor: options.stapleFor, log })
  const lists = {
    public: createRuntimeList(api, places.public, { ...listOptions, staples }),
    mutual: createRuntimeList(api, places.mutual, { ...listOptions, staples }),
  }
  const files = {
    public: createListFiles(places.public, places.placeholder),
    mutual: createListFiles(places.mutual, places.placeholder),
  }
  const authorities = createClientAuthorities(api.authorities, places.trust)
  const bindMap = createBindMap(api, places.map)
  const listOf = ({ bind }: Pick<WishedEntry, 'bind'>) => lists[bind]
  const bindOf = ({ file }: Pick<StoredLine, 'file'>): Bind =>
    dirname(file) === places.mutual.folder ? 'mutual' : 'public'
  const prove = createProveCertificate(options.probe, options.probeTimeoutMs)
  const isOurs = (file: string): boolean =>
    [places.candidate, places.public, places.mutual].some((place) => isOursIn(place, file))
  const candidates = createCandidateList(
    createRuntimeList(api, places.candidate, { ...listOptions, isOurs }),
    { isOwnCertificate: (file) => isOursIn(places.candidate, file), fileOf, afterStep },
  )
  const { reload, pause } = options
  const longFiles = createLongFiles({ api, places, authorities, fileOf, reload, pause, afterStep })

  return {
    options,
    afterStep,
    foreignAborted: listOptions.foreignAborted,
    entries,
    lists,
    files,
    authorities,
    bindMap,
    candidates,
    longFiles,
    staples,
    listOf,
    fileOf,
    bindOf,
    prove: (entry: WishedEntry) => prove(entry, options.addresses),
    proveCandidate: (entry: WishedEntry) => prove(entry, [options.candidate]),
  }
}
