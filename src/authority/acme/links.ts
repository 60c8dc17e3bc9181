import { serverUrl } from './directory.ts'
import type { AcmeResponse } from './send.ts'

/** RFC 8288: the target of the first link of this relation. */
export const linkTo = (
  response: Pick<AcmeResponse, 'links'>,
  relation: string,
  base: string,
): string | null => linksTo(response, relation, base)[0] ?? null

export function linksTo(
  response: Pick<AcmeResponse, 'links'>,
  relation: string,
  base: string,
): readonly string[] {
  return response.links.flatMap((link) => {
    const [, target = '', parameters = ''] = /^\s*<([^>]*)>(.*)$/s.exec(link) ?? []
    return relationsIn(parameters).includes(relation) ? usable(target, base) : []
  })
}

/** RFC 8288 section 3.3: one or more in one value, whatever their case. */
function relationsIn(parameters: string): readonly string[] {
  const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(parameters) ?? []
  return (quoted ?? bare ?? '').toLowerCase().split(/\s+/)
}

/** A link leads to something more. One that leads nowhere takes nothing from the answer that it stands in. */
function usable(target: string, base: string): readonly string[] {
  try {
    return [serverUrl(target, 'a link', base)]
  } catch {
    return []
  }
}
