import { serverUrl } from './directory.ts'
import { isObject, textOr } from './json.ts'
import { linksTo } from './links.ts'
import type { AcmeResponse } from './send.ts'

/** What a CA wants a person to do before it does anything more for the account (RFC 8555 section 7.3.3). Null: it does not say. */
export interface WantedAction {
  /** A page with instructions: the `instance` of the problem. */
  readonly instructionsUrl: string | null
  readonly termsUrl: string | null
}

/** Shown to people and never fetched; what is no https URL is left out, so that nobody is led to open it. */
export const readWantedAction = (
  body: unknown,
  response: Pick<AcmeResponse, 'links'>,
  base: string,
): WantedAction => ({
  instructionsUrl: ifUrl(() =>
    serverUrl(textOr(isObject(body) ? body['instance'] : '', ''), 'a problem', base),
  ),
  termsUrl: ifUrl(() => linksTo(response, 'terms-of-service', base)[0] ?? null),
})

function ifUrl(read: () => string | null): string | null {
  try {
    return read()
  } catch {
    return null
  }
}
