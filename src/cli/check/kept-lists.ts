import type { Fetched } from '../../outbound/fetch-once.ts'
import type { OutboundFetch } from '../../outbound/guarded-fetch.ts'

/** Of 20 MB each at most (`revocation-look.ts`); Let's Encrypt's are far smaller. */
const MOST_KEPT = 16

/** Many names have few issuers: in one run a list is fetched once, answered or not, as long as not too many others came after it. */
export function keepingLists(fetch: OutboundFetch): OutboundFetch {
  const kept = new Map<string, Promise<Fetched>>()
  return (request, signal) => {
    const known = kept.get(request.url) ?? fetch(request, signal)
    kept.delete(request.url)
    kept.set(request.url, known)
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    return known
  }
}
