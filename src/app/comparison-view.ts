import { isOpen } from '../domain/change/vocabulary.ts'
import type { Change } from '../domain/change/change.ts'
import type { Comparison, ProductionStanding } from '../domain/comparison/comparison.ts'
import { clientKind } from '../domain/comparison/client-kinds.ts'
import { isAnswer, type Outcome } from '../domain/comparison/observation.ts'
import type { ComparisonRecord } from '../ports/comparisons.ts'
import type { Repositories } from '../ports/store.ts'
import type { ComparisonView } from './views.ts'

/** What staging showed next to production; null: the change was not staged, or before there were comparisons. */
export async function comparisonView(read: Repositories, change: Change): Promise<ComparisonView | null> {
  const deployment = await read.deployments.find(change.id, 'staging')
  const record = deployment === null ? null : await read.comparisons.find(deployment.id)
  if (record === null) return null
  const comparison = JSON.parse(record.document) as Comparison
  return {
    production: comparison.standing,
    differences: comparison.differences,
    clients: comparison.staging.meetings.map(({ client, outcomes }) => ({
      client: clientKind(client).words,
      staging: outcomesText(outcomes),
      production: productionText(comparison, client),
    })),
    note: isOpen(change) ? await noteOf(read, record) : null,
  }
}

function productionText({ standing, production }: Comparison, client: string): string {
  const met = production?.meetings.find((meeting) => meeting.client === client)
  return met === undefined ? NOT_COMPARED[standing] : outcomesText(met.outcomes)
}

const NOT_COMPARED: Readonly<Record<ProductionStanding, string>> = {
  answers: 'not asked',
  silent: 'not answered',
  unreachable: 'could not be seen',
}

const outcomesText = (outcomes: readonly Outcome[]): string =>
  outcomes.length === 0 ? 'not asked' : outcomes.map(outcomeText).join(' or ')

function outcomeText(outcome: Outcome): string {
  if (!isAnswer(outcome)) return outcome.seen
  const { protocol, cipher, alpn, certificateOctets } = outcome
  return [protocol, cipher, alpn ?? '', `${certificateOctets} octets`].filter(Boolean).join(' ')
}

/** What was compared stays frozen; who reads it later is told that production went on meanwhile. */
async function noteOf(read: Repositories, { name, answeredBy }: ComparisonRecord): Promise<string | null> {
  return (await read.deployments.answering('production', name)) === answeredBy
    ? null
    : `Production was compared as it was when this change was staged; ${name} is answered by another deployment there now. The hash still stands for what is shown here.`
}
