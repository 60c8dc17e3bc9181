import { Problem } from '../../errors/problem.ts'
import { requireInstallationOperator } from '../accounts.ts'
import type { Dependencies } from '../dependencies.ts'
import type { UseCases } from '../use-cases.ts'
import type { Caller } from '../views.ts'
import type { Act, Detail } from './act.ts'
import { ACTS } from './acts.ts'
import { auditedStore } from './audited-store.ts'
import { createTrail } from './trail.ts'

type UseCase = (caller: Caller, ...input: unknown[]) => Promise<unknown>
type AnyAct = Act<unknown[]>

/**
 * The use cases, with everything that they do written into the audit log (docs/adr/0007-audit-log.md). `build` makes them over given dependencies: each
 * call of one that acts gets a store of its own, whose transactions end with the entry. What is refused leaves none.
 */
export function audited(deps: Dependencies, build: (deps: Dependencies) => UseCases): UseCases {
  const plain = build(deps)
  const acting = Object.entries(ACTS).flatMap(([name, act]) => {
    if (act === 'reads') return []
    const call: UseCase = (caller, ...input) =>
      perform({ deps, build, name, act: act as unknown as AnyAct }, caller, input)
    return [[name, call] as const]
  })
  return { ...plain, ...(Object.fromEntries(acting) as Partial<UseCases>) }
}

interface Performance {
  readonly deps: Dependencies
  readonly build: (deps: Dependencies) => UseCases
  readonly name: string
  readonly act: AnyAct
}

async function perform(performance: Performance, caller: Caller, input: unknown[]): Promise<unknown> {
  const { deps, build, name, act } = performance
  if (act.ofInstallation === true) requireInstallationOperator(deps, caller)
  // What is done now happens at the moment that every process sees.
  if (deps.mode === 'sandbox') await deps.clockControl.agree()
  const trail = createTrail(deps.clocks, caller, act, input)
  const note = (detail: Detail) => deps.store.transaction((tx) => trail.note(tx, detail))
  const call = (store: Dependencies['store']) =>
    (build({ ...deps, store }) as unknown as Readonly<Record<string, UseCase>>)[name]?.(caller, ...input)
  if (act.beyondStore === true) return withIntent(note, () => call(deps.store))
  let written = false
  const result = await call(
    auditedStore(deps.store, trail, () => {
      written = true
    }),
  )
  // Asked and granted, yet nothing had to be stored: it was under way already, or a denial that has no effect.
  if (!written) await note({ changedNothing: true })
  return result
}

/** An intent without an outcome: the process ended on the way, or the log could not be written any more. */
async function withIntent(
  note: (detail: Detail) => Promise<void>,
  work: () => Promise<unknown> | undefined,
): Promise<unknown> {
  await note({ phase: 'intent' })
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    const problem = error instanceof Problem ? error.code : 'internal-error'
    // What the caller is told is what went wrong first.
    await note({ phase: 'outcome', done: false, problem }).catch(() => undefined)
    throw error
  }
  await note({ phase: 'outcome', done: true })
  return result
}
