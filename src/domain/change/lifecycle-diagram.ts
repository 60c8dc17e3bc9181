import { GUARDS, type GuardName } from './facts.ts'
import { STATUSES } from './statuses.ts'
import { CHANGE_STATUSES, type ChangeState, type ChangeStatus } from './vocabulary.ts'
import { type Flow, isSame, WINDOWS, type WalkedMove, walk } from './walk.ts'

/** A mermaid state diagram of several flows laid over each other. Ways out that are everywhere (cancel, failure) stand in tables. */
export function flowDiagram(flows: readonly Flow[]): string {
  const moves = flows.flatMap(walk).filter(isDrawn)
  const met = new Set(moves.flatMap((move) => [move.from.status, move.to.status]))
  const names = CHANGE_STATUSES.filter((status) => met.has(status)).map(
    (status) => `  state "${status}" as ${identifier(status)}`,
  )
  const labels = new Map<string, Set<string>>()
  for (const move of moves) {
    const arrow = `  ${move.from.state === 'new' ? '[*]' : identifier(move.from.status)} --> ${identifier(move.to.status)}`
    labels.set(arrow, (labels.get(arrow) ?? new Set()).add(labelOf(move, flows)))
  }
  const arrows = [...labels].map(([arrow, texts]) => `${arrow} : ${[...texts].join('<br/>')}`)
  return ['```mermaid', 'stateDiagram-v2', ...names, ...arrows, '  complete --> [*]', '```'].join('\n')
}

/** Not drawn: what stands in tables, and what neither moves the change nor makes anything be performed. */
function isDrawn({ from, on, to, row }: WalkedMove): boolean {
  if (on === 'cancelled' || on === 'denied') return false
  if (from.status === to.status && (on === 'step-failed' || on === 'retried')) return false
  return !isSame(from, to) || row.effects.length > 0
}

function labelOf({ from, on, to, row }: WalkedMove, flows: readonly Flow[]): string {
  const guards = row.when.filter((guard) => !isAlways(guard, flows))
  const condition = guards.length === 0 ? '' : ` if ${guards.join(', ')}`
  return `${on}${condition}${stateNote(from, to)}`
}

/** Said where the status alone does not say it. */
function stateNote(from: ChangeState, to: ChangeState): string {
  const stays = from.status === to.status && from.state !== 'new'
  const usual = to.state === 'running' || to.state === STATUSES[to.status].usualState
  return stays || !usual ? ` (${to.state})` : ''
}

const isAlways = (guard: GuardName, flows: readonly Flow[]): boolean =>
  flows.every((flow) => WINDOWS.every((window) => GUARDS[guard]({ ...flow, window })))

const identifier = (status: ChangeStatus): string => status.replaceAll('-', '_')
