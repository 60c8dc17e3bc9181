import { isObject, textOr } from './json.ts'
import type { WantedAction } from './wanted-action.ts'

/** RFC 8555 section 6.7.1: the part of a problem that concerns one identifier. */
export interface Subproblem {
  readonly type: string
  readonly detail: string
  /** The DNS name; null when none is named. */
  readonly identifier: string | null
}

/** What an ACME server says is wrong: kept as it came, as evidence. RFC 8555 section 6.7. */
export interface ProblemDocument {
  /** Without its prefix, for example `rateLimited`; a type of somebody else's is left whole. */
  readonly type: string
  readonly detail: string
  readonly status: number
  readonly subproblems: readonly Subproblem[]
}

/** RFC 9457 section 4.2.1: the status says all there is to say. */
export const UNEXPLAINED = 'about:blank'
const PREFIX = 'urn:ietf:params:acme:error:'
const LONGEST_DETAIL = 2_000
const MOST_SUBPROBLEMS = 200

/** The server refused a request. `retryAfterSeconds`: when it says when to come again. */
export class AcmeRefusal extends Error {
  readonly problem: ProblemDocument
  readonly retryAfterSeconds: number | null
  /** Null unless the server wants a person to act (`userActionRequired`). */
  readonly action: WantedAction | null

  constructor(
    problem: ProblemDocument,
    retryAfterSeconds: number | null = null,
    action: WantedAction | null = null,
  ) {
    super(sentenceOf(problem))
    this.name = 'AcmeRefusal'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
    this.action = action
  }
}

export const isUnexplained = (error: unknown): boolean =>
  error instanceof AcmeRefusal && error.problem.type === UNEXPLAINED

/** RFC 8555 section 7.3.3: it may be asked again when a person has done something at the server. */
export const wantsPerson = (error: AcmeRefusal): boolean => error.problem.type === 'userActionRequired'

/** Nothing is wrong with what was asked: the server could not do it just then. */
export const isFaultOfServer = ({ type, status }: ProblemDocument): boolean =>
  type === 'serverInternal' || status >= 500 || (type === UNEXPLAINED && NOT_OFFERED.includes(status))

/** What a CA names and does not have, as some do with the list of orders. Of anything else it is a fault that passes. */
export const NOT_OFFERED: readonly number[] = [405, 501]

export const isAcmeProblem = (value: unknown): boolean =>
  isObject(value) && textOr(value['type'], '').startsWith(PREFIX)

/** RFC 8555 section 6.6. Nothing is wrong with what was asked, and the time has to pass. */
export const isLimit = ({ type, status }: ProblemDocument): boolean =>
  type === 'rateLimited' || status === 429

/** Reads a problem document, also the one inside an order or challenge; null when it is none. */
export function readProblem(value: unknown, status = 0): ProblemDocument | null {
  if (!isObject(value)) return null
  const type = textOr(value['type'], UNEXPLAINED)
  const listed = Array.isArray(value['subproblems']) ? value['subproblems'] : []
  return {
    type: type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type,
    detail: textOr(value['detail'], textOr(value['title'], '')).slice(0, LONGEST_DETAIL),
    status: typeof value['status'] === 'number' ? value['status'] : status,
    subproblems: listed.slice(0, MOST_SUBPROBLEMS).map(readSubproblem),
  }
}

function readSubproblem(value: unknown): Subproblem {
  const read = readProblem(isObject(value) ? { ...value, subproblems: [] } : {})
  const identifier = isObject(value) && isObject(value['identifier']) ? value['identifier']['value'] : null
  return {
    type: read?.type ?? '',
    detail: read?.detail ?? '',
    identifier: typeof identifier === 'string' ? identifier : null,
  }
}

/** For people: type and detail, then what is said of each name. */
export function sentenceOf({ type, detail, subproblems }: ProblemDocument): string {
  const parts = subproblems.map(
    (one) => `${one.identifier ?? 'a name'}: ${one.detail === '' ? one.type : one.detail}`,
  )
  const whole = detail === '' ? type : `${detail} (${type})`
  return parts.length === 0 ? whole : `${whole}; ${parts.join('; ')}`
}
