import { CATALOGUE, type ProblemCode } from '../errors/catalogue.ts'
import { Problem } from '../errors/problem.ts'
import { type Instant, toWireTime } from '../domain/time.ts'

/** What a rendered problem tells about the request that met it. */
export interface ProblemContext {
  readonly host: string
  readonly method: string
  /** 32 hex digits, also in the log. */
  readonly requestId: string
  readonly clientIp: string
  readonly serverIp: string
  /** Real clock. */
  readonly at: Instant
}

export interface RenderedProblem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const GATEWAY = 'https://problems.luna.akamaiapis.net/-/'

/** The one place where a refusal or a fault becomes application/problem+json (RFC 9457; spec: behaviour E2). */
export function renderProblem(problem: Problem, context: ProblemContext): RenderedProblem {
  const { status, title, family } = CATALOGUE[problem.code]
  const type = problemType(problem.code, context.host)
  const document = {
    type,
    title,
    ...(problem.detail !== null && family !== 'internal' ? { detail: problem.detail } : {}),
    instance: `${type}?id=${context.requestId}`,
    status,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    ...(family === 'internal' ? {} : problem.members),
    ...(isGateway(family) ? gatewayMembers(context) : {}),
  }
  return { status, headers: headersOf(problem), body: JSON.stringify(document) }
}

/** Anything that is not a Problem is a fault of ours: its text stays in the log. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('internal-error', { cause: error })
}

/** A URL that explains the code where it leads; the exceptions are how clients know these errors. */
export function problemType(code: ProblemCode, host: string): string {
  const { family } = CATALOGUE[code]
  if (family === 'internal') return 'internal_error'
  if (family === 'quota') return 'Too many Requests'
  if (family === 'cps') return `https://${host}/cps/v2/error-types/${code}`
  if (family === 'certrail') return `https://${host}/certrail/v1/error-types/${code}`
  return GATEWAY + family
}

const isGateway = (family: string): boolean => family.startsWith('pep-')

const gatewayMembers = (context: ProblemContext) => ({
  method: context.method,
  serverIp: context.serverIp,
  clientIp: context.clientIp,
  requestId: context.requestId,
  requestTime: toWireTime(context.at),
})

function headersOf(problem: Problem): Record<string, string> {
  const allow = problem.code === 'method-not-allowed' ? problem.members['allow'] : undefined
  return {
    'Content-Type': 'application/problem+json',
    ...(Array.isArray(allow) ? { Allow: allow.join(', ') } : {}),
    ...(problem.retryAfterSeconds === null ? {} : retryAfter(problem.code, problem.retryAfterSeconds)),
  }
}

/** Of a rate limit also as the CPS API's description spells it (spec: behaviour E3). */
const retryAfter = (code: ProblemCode, seconds: number): Record<string, string> => ({
  'Retry-After': String(seconds),
  ...(code === 'too-many-requests' ? { 'Retry-After-': String(seconds) } : {}),
})
