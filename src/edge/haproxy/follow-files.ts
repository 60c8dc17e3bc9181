import { basename } from 'node:path'
import type { Routes } from './bind-map.ts'
import type { HaproxyParts } from './haproxy-parts.ts'
import { bindsOf, type Pass } from './passes.ts'
import { type Bind, BINDS, type WishedEntry } from './wished-entries.ts'

/** Files follow what clients were seen to be answered with. */
export function createFollowFiles(parts: HaproxyParts) {
  const { files, bindMap, authorities, bindOf, fileOf, afterStep } = parts
  const { network, log, places } = parts.options

  async function follow(pass: Pass, proven: readonly WishedEntry[], routes: Routes | null): Promise<void> {
    const differed: string[] = []
    if (routes !== null && !(await bindMap.isWritten(routes))) {
      // A name on its way from one bind to the other is on both lists while the map changes.
      for (const bind of BINDS) differed.push(...(await files[bind].change(of(bind, proven), [])))
      await bindMap.write(routes)
      differed.push(basename(places.map))
    }
    for (const bind of bindsOf(pass.known)) differed.push(...(await followOn(bind, pass, proven)))
    if (pass.isWhole && pass.failures.length === 0 && routes !== null)
      await authorities.keepOnly(new Set(pass.wished.flatMap((entry) => entry.authorities?.file ?? [])))
    if (differed.length === 0) return
    log.debug({ network, files: differed.slice(0, 10) }, 'files of HAProxy follow it')
    await afterStep('files-written')
  }

  async function followOn(
    bind: Bind,
    { failures, leaving, wished, isWhole }: Pass,
    proven: readonly WishedEntry[],
  ): Promise<readonly string[]> {
    const isClean = failures.length === 0
    const gone = leaving.filter((line) => bindOf(line) === bind).map(({ file }) => file)
    if (!isWhole) return files[bind].change(of(bind, proven), isClean ? gone : [])
    const kept = isClean ? [] : [...gone, ...of(bind, wished).map(fileOf)]
    return files[bind].follow(of(bind, proven), new Set(kept))
  }

  return follow
}

const of = (bind: Bind, all: readonly WishedEntry[]): readonly WishedEntry[] =>
  all.filter((entry) => entry.bind === bind)
