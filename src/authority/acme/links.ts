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
    const match = /^\s*<([^>]*)>(.*)$/s.exec(link)
    if (match === null || !new RegExp(`;\\s*rel="?${relation}"?(?:\\s|;|$)`).test(match[2] ?? '')) return []
    return [serverUrl(match[1] ?? '', 'a link', base)]
  })
}
