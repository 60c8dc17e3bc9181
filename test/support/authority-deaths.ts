import type { ProxiedAnswer } from './acme-proxy.ts'
import type { Live } from './live-instance.ts'

/** Where in the life of an order the CA dies. */
export const STEPS = [
  { step: 'account', path: '/sign-me-up' },
  { step: 'new order', path: '/order-plz' },
  { step: 'authorizations', path: '/authZ/' },
  { step: 'challenge', path: '/chalZ/' },
  { step: 'look at a challenge', path: '/authZ/', after: '/chalZ/' },
  { step: 'finalize', path: '/finalize-order/' },
  { step: 'look at a finalized order', path: '/my-order/', after: '/finalize-order/' },
  { step: 'certificate', path: '/certZ/' },
  { step: 'order of a renewal', path: '/order-plz' },
] as const

export const TIMES = ['before it hears', 'as it answers', 'after it has answered'] as const

export interface Death {
  readonly step: (typeof STEPS)[number]['step']
  readonly time: (typeof TIMES)[number]
}

/** What passed between us and one life of the CA. */
export interface Passed {
  readonly life: number
  readonly path: string
  readonly status: number
  readonly location: string | null
  /** It says of an authorization that the look failed, as it does when a busy machine kept it waiting for too long. */
  readonly isRefusal: boolean
}

export interface Rehearsal {
  readonly passed: readonly Passed[]
  readonly hasDied: () => boolean
  /** PEM of the root of a life; nothing that it issues outlives it. */
  readonly rootOf: (life: number) => string
  /** It lives again, if nobody has asked it since, and nothing more happens to it. */
  end(): Promise<void>
}

/**
 * The CA is killed at this moment (SIGKILL), forgets everything, cannot be reached by whoever asks next, and is back, empty, for the one after that. It is all in the
 * order of requests; no time is waited for.
 */
export async function rehearse(
  { pebble, proxy }: Pick<Live, 'pebble' | 'proxy'>,
  { step, time }: Death,
): Promise<Rehearsal> {
  const row = STEPS.find((one) => one.step === step)
  if (row === undefined) throw new RangeError(step)
  const passed: Passed[] = []
  const roots = [await pebble.rootPem()]
  let isDue = !('after' in row)
  let state: 'alive' | 'dead' | 'again' = 'alive'
  let asked = 0
  let returning: Promise<void> | null = null

  async function die(): Promise<void> {
    state = 'dead'
    await pebble.kill()
  }
  async function comeBack(): Promise<void> {
    await pebble.start()
    roots.push(await pebble.rootPem())
    state = 'again'
  }
  const isMoment = ({ path }: Pick<ProxiedAnswer, 'path'>): boolean =>
    state === 'alive' && isDue && path.startsWith(row.path)

  proxy.refuse(async (request) => {
    if (time === 'before it hears' && isMoment(request)) await die()
    else if (state === 'dead' && (asked += 1) > 1) await (returning ??= comeBack())
    return undefined
  })
  proxy.tamper(async (answer) => {
    const { path, status, headers, body } = answer
    const isRefusal = path.startsWith('/authZ/') && /"status":\s*"invalid"/.test(body.toString())
    passed.push({ life: roots.length - 1, path, status, location: headers.location ?? null, isRefusal })
    const hits = isMoment(answer) && status < 300
    if ('after' in row && path.startsWith(row.after) && status < 300) isDue = true
    if (!hits || time === 'before it hears') return undefined
    await die()
    return time === 'as it answers' ? null : undefined
  })
  return {
    passed,
    hasDied: () => state !== 'alive',
    rootOf: (life) => roots[life] ?? '',
    async end() {
      proxy.refuse(null)
      proxy.tamper(null)
      await returning
      if (state === 'dead') await pebble.start()
    },
  }
}
