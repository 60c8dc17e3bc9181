import { z } from 'zod'
import { CATALOGUE, type ProblemCode } from '../errors/catalogue.ts'
import { MEANINGS } from '../errors/meanings.ts'
import { Problem } from '../errors/problem.ts'
import { chooseResponse } from '../wire/negotiate.ts'
import type { WireRow } from '../wire/row.ts'
import { type Answer, type Exchange, json } from './exchange.ts'
import { errorTypeAnswer } from './own-answers.ts'
import { problemType } from './problem-json.ts'
import type { Route } from './route.ts'

const HTML = 'text/html'

/** JSON unless a browser asks, which names text/html first. */
const FORMS: readonly WireRow[] = [
  { resource: 'error-type', version: 1, mediaType: 'application/json', answer: errorTypeAnswer },
  { resource: 'error-type', version: 1, mediaType: HTML, answer: z.string() },
]

/** The bare type of a fault, as clients know it, is found like a code (spec: behaviour E3). */
const ALIASES: Readonly<Record<string, ProblemCode>> = { internal_error: 'internal-error' }

/** Where the `type` of a problem leads, for every code that there is. Needs no signature: it says nothing about anybody (spec: api 3.19). */
export const errorTypeRoutes = (): readonly Route[] => [
  page('/cps/v2/error-types/:errorType', 'getCpsErrorType', () => true),
  page(
    '/certrail/v1/error-types/:errorType',
    'getOwnErrorType',
    (code) => CATALOGUE[code].family === 'certrail',
  ),
]

function page(path: string, operationId: string, isHere: (code: ProblemCode) => boolean): Route {
  return {
    method: 'GET',
    path,
    operationId,
    summary: 'What a problem type means',
    access: 'open',
    success: [200],
    responds: FORMS,
    answer: async (exchange) => {
      const code = codeOf(exchange.parameters['errorType'] ?? '')
      if (code === null || !isHere(code)) throw new Problem('not-found')
      return chooseResponse(exchange.header('accept'), FORMS).mediaType === HTML
        ? html(code)
        : json(described(code, exchange))
    },
  }
}

function codeOf(text: string): ProblemCode | null {
  if (Object.hasOwn(CATALOGUE, text)) return text as ProblemCode
  return Object.hasOwn(ALIASES, text) ? (ALIASES[text] ?? null) : null
}

function described(code: ProblemCode, exchange: Exchange) {
  const { title, status } = CATALOGUE[code]
  return { type: problemType(code, exchange.host), title, status, ...MEANINGS[code] }
}

/** Nothing of the request stands in it, so there is nothing to escape but our own texts. */
function html(code: ProblemCode): Answer {
  const { title, status } = CATALOGUE[code]
  const { meaning, remedy } = MEANINGS[code]
  const texts = [meaning, remedy].map((text) => `<p>${escaped(text)}</p>`).join('\n')
  return {
    status: 200,
    mediaType: `${HTML}; charset=utf-8`,
    headers: { 'Content-Security-Policy': "default-src 'none'" },
    body: `<!doctype html>\n<html lang="en"><title>${escaped(title)}</title>\n<h1>${status} ${escaped(title)}</h1>\n<p><code>${code}</code></p>\n${texts}\n</html>\n`,
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
