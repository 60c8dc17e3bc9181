import type { Resolver } from '../dns/resolver.ts'
import { type CaaQuestion, type CaaRecord, judgeCaa } from '../domain/validation/caa.ts'
import type { CaaFact } from '../ports/name-look.ts'

/** More labels than any name that a CA signs; each is a query. */
const LABELS_LIMIT = 40

/** Without `*.`. RFC 8659 section 3: the nearest set at or above the name counts, aliases followed at each, and the root is not asked. */
export async function lookUpCaa(
  resolver: Resolver,
  base: string,
  question: CaaQuestion,
  signal: AbortSignal,
): Promise<CaaFact> {
  const labels = base.split('.').slice(-LABELS_LIMIT)
  for (let from = 0; from < labels.length; from += 1) {
    const at = labels.slice(from).join('.')
    const result = await resolver.query(at, 'CAA', signal)
    if (result.outcome === 'timeout') return { outcome: 'unanswered', at, reason: 'timeout' }
    if (result.outcome === 'servfail') return { outcome: 'unanswered', at, reason: result.code }
    if (result.outcome === 'records') {
      const verdict = judgeCaa(result.records, question)
      return { outcome: 'judged', at, verdict, records: result.records.map(zoneText) }
    }
  }
  return { outcome: 'none' }
}

const SHOWN_CHARACTERS = 200

const zoneText = ({ flags, tag, value }: CaaRecord): string =>
  `${flags} ${tag.slice(0, SHOWN_CHARACTERS)} ${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}`
