import { isObject, type JsonObject, objectIn, textIn, textOr, unfit } from './json.ts'
import type { AcmeRequest, AcmeResponse } from './send.ts'

/** RFC 8555 section 7.1.1, RFC 9773 section 4.1, draft-ietf-acme-profiles. Null: the server does not offer it. */
export interface Directory {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
  readonly revokeCert: string | null
  readonly keyChange: string | null
  readonly renewalInfo: string | null
  readonly termsOfService: string | null
  readonly externalAccountRequired: boolean
  /** Section 9.7.6: names by which CAA records know this CA. */
  readonly caaIdentities: readonly string[]
  /** Name and description. */
  readonly profiles: ReadonlyMap<string, string>
}

export const directoryRequest = (url: string): AcmeRequest => ({ method: 'GET', url })

const WHAT = 'a directory'

export function readDirectory(response: AcmeResponse): Directory {
  if (response.status !== 200) throw unfit(WHAT, `status ${response.status}`)
  const body = objectIn(response.body, WHAT)
  const meta = isObject(body['meta']) ? body['meta'] : {}
  return {
    newNonce: urlIn(body, 'newNonce'),
    newAccount: urlIn(body, 'newAccount'),
    newOrder: urlIn(body, 'newOrder'),
    revokeCert: optionalUrlIn(body, 'revokeCert'),
    keyChange: optionalUrlIn(body, 'keyChange'),
    renewalInfo: optionalUrlIn(body, 'renewalInfo'),
    termsOfService: textOr(meta['termsOfService'], null),
    externalAccountRequired: meta['externalAccountRequired'] === true,
    caaIdentities: (Array.isArray(meta['caaIdentities']) ? meta['caaIdentities'] : []).filter(
      (one) => typeof one === 'string',
    ),
    profiles: new Map(
      Object.entries(isObject(meta['profiles']) ? meta['profiles'] : {}).map(([name, text]) => [
        name,
        textOr(text, ''),
      ]),
    ),
  }
}

const optionalUrlIn = (object: JsonObject, member: string): string | null =>
  object[member] === undefined || object[member] === null ? null : urlIn(object, member)

const urlIn = (object: JsonObject, member: string): string => serverUrl(textIn(object, member, WHAT), WHAT)

const LONGEST_URL = 2_000

/** A URL that the CA names, relative to `base` where one is given. Where it may lead is judged when it is asked; here only that it is one of HTTPS. */
export function serverUrl(text: string, what: string, base?: string): string {
  const isReadable = text !== '' && text.length <= LONGEST_URL && URL.canParse(text, base)
  const url = isReadable ? new URL(text, base) : null
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw unfit(what, `${JSON.stringify(text.slice(0, 80))} is no https URL`)
  return url.href
}
