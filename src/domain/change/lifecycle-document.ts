import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { ALLOWED_INPUTS } from './allowed-input.ts'
import { CANCELLATIONS, REFUSALS } from './cancellation.ts'
import { EFFECTS } from './effects.ts'
import { EVENTS } from './events.ts'
import { flowDiagram } from './lifecycle-diagram.ts'
import { RECHECK_WAITS, STEADY_RECHECK_MS } from './recheck.ts'
import { RETRY_WAITS } from './retry.ts'
import { STATUSES } from './statuses.ts'
import type { Transition } from './transition.ts'
import { CHANGE_STATUSES } from './vocabulary.ts'
import type { Flow } from './walk.ts'

/** docs/lifecycle.md, whole, made from the tables that `step` looks up. */
export function lifecycleDocument(): string {
  return `${[INTRODUCTION, ...FLOWS.map(flowSection), ...SECTIONS.map((section) => section())].join('\n\n')}\n`
}

const INTRODUCTION = `# The lifecycle of a change

<!-- Generated from src/domain/change by \`npm run docs\`. Change the tables there, not this page. -->

A change is one run through the pipeline for one enrollment. Where it stands is a *status* (the step) and a *state* (how it stands in
it). An *event* moves it by one row of a table; the row also names the *effects* that are performed next. Effects are idempotent, and
their outcome is the next event. Statuses stand here in their right spelling; on the wire \`coordinate-domain-validation\` has its
historical one.

The diagrams leave out what is possible everywhere: cancel, deny, failure and retry have tables further down. \`(state)\` behind an
event names the state it leads to.`

interface NamedFlow {
  readonly title: string
  readonly text: string
  readonly flows: readonly Flow[]
}

const EITHER = [false, true] as const

const flowsOf = (facts: Pick<Flow, 'action' | 'validationType'>): readonly Flow[] =>
  EITHER.flatMap((changeManagement) =>
    EITHER.map((stagingBypass) => ({ ...facts, changeManagement, stagingBypass })),
  )

const FLOWS: readonly NamedFlow[] = [
  {
    title: 'Domain validated (DV)',
    text: 'New certificate, changed names or other certificate settings, renewal.',
    flows: flowsOf({ action: 'new-certificate', validationType: 'dv' }),
  },
  {
    title: 'Organization and extended validation (OV, EV)',
    text: 'As above; the CA vets by its own means, so there is nothing to bring meanwhile.',
    flows: flowsOf({ action: 'new-certificate', validationType: 'ov' }),
  },
  {
    title: 'Third party',
    text: 'As above; the certificate is made elsewhere and uploaded. While an upload is under review another may replace it.',
    flows: flowsOf({ action: 'new-certificate', validationType: 'third-party' }),
  },
  {
    title: 'Network settings only',
    text: 'For every validation type; no certificate is issued.',
    flows: flowsOf({ action: 'network-only', validationType: 'dv' }),
  },
  {
    title: 'Removal',
    text: 'For every validation type; change management does not stop it. At the end the enrollment is gone.',
    flows: flowsOf({ action: 'removal', validationType: 'dv' }),
  },
]

const flowSection = ({ title, text, flows }: NamedFlow): string =>
  `## ${title}\n\n${text}\n\n${flowDiagram(flows)}`

const code = (text: string): string => `\`${text}\``
const listed = (names: readonly string[]): string => (names.length === 0 ? '–' : names.map(code).join(', '))
const optional = (name: string | null): string => listed(name === null ? [] : [name])

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const SECTIONS: readonly (() => string)[] = [
  statuses,
  inputs,
  cancelling,
  failing,
  rechecking,
  effects,
  events,
]

function statuses(): string {
  const rows = CHANGE_STATUSES.map((status) => {
    const { usualState, description, input, effect } = STATUSES[status]
    return [code(status), code(usualState), description, optional(input), optional(effect)]
  })
  return `## Statuses\n\n${table(['Status', 'Usual state', 'Description on the wire', 'Allowed input', 'Performed while running'], rows)}`
}

function inputs(): string {
  const rows = Object.entries(ALLOWED_INPUTS).map(([type, input]) => [
    code(type),
    code(input.infoTail),
    code(input.updateTail),
    input.requiredToProceed ? 'yes' : 'no',
  ])
  return `## Allowed input

Offered only while the change is \`awaiting-input\`; the tails follow \`/cps/v2/enrollments/E/changes/C/\`.

${table(['Type', 'Info', 'Update', 'Required to proceed'], rows)}`
}

function cancelling(): string {
  const cancellations: readonly Transition[] = CANCELLATIONS
  const rows = cancellations.map((row) => [
    listed(row.from),
    statesOf(row.in),
    listed(row.when),
    listed(row.effects),
  ])
  const refusals = REFUSALS.map((row) => [listed(row.from), statesOf(row.in), row.reason])
  return `## Cancel and deny

A cancelled change keeps the status it was cancelled in, with state \`cancelled\`. Denying a review or the acknowledgement of change
management is cancelling; denying in domain validation has no effect.

${table(['Status', 'In', 'If', 'Cleanups'], rows)}

Refused as \`cannot-cancel\`. Removing the enrollment meanwhile is no cancel: it waits for the push to end.

${table(['Status', 'In', 'Reason'], refusals)}

A change that still waits for a person, for a date after the expiry of what is live, or for somebody to mend it, ends by \`superseded\` at the last safe moment of
what is live, with the clean-ups of a cancel: a renewal takes its place. A renewal itself goes on then, without its acknowledgement or date (divergences.md,
Change management).

A change that is complete or cancelled is no longer pending and takes no event at all.`
}

const statesOf = (states: readonly string[]): string =>
  states.length > 2 ? 'any open state' : listed(states)

function failing(): string {
  const rows = RETRY_WAITS.map(({ waitMs, totalMs, reason }, index) => [
    String(index + 1),
    duration(waitMs),
    duration(totalMs),
    reason,
  ])
  return `## Failure and retry

A step that cannot be done leaves the change in its status with state \`error\`; production serves what it served before. It is tried
again by itself:

${table(['Failure', 'Wait', 'Since the first', 'Long enough for'], rows)}

A renewal whose order the CA refused or failed orders again by itself after 1 h, 6 h and 24 h, then once a day up to the 30th day.
A step of the renewal of what is live is tried once a day after the table has ended; no wait of it is longer than an eighth of what is left until the expiry (at
least 10 minutes, an hour for an order).

After the last attempt a change stays in \`error\` for a person, which the log says as an error and \`certrail_changes_given_up_total\` counts. So do two cases
that waiting does not mend: \`check-for-cert-error\` of a change that somebody asked for (the CA refused or failed the order) and \`wait-deployment-schedule\` in \`error\` (\`notAfter\` has passed; a new schedule lets it go on).`
}

function rechecking(): string {
  const rows = RECHECK_WAITS.map(({ waitMs, reason }) => [duration(waitMs), reason])
  return `## Looks at open names

While a DV change waits, its names are looked at after these waits, one after the other:

${table(['Wait', 'Because'], [...rows, [duration(STEADY_RECHECK_MS), 'from then on, each time']])}`
}

function effects(): string {
  const rows = Object.entries(EFFECTS).map(([name, { yields, meaning }]) => [
    code(name),
    meaning,
    listed(yields),
  ])
  return `## Effects

Those with an outcome may also report \`step-failed\`. Those without are cleanups: they move nothing and are repeated until they succeed.

${table(['Effect', 'What it does', 'Outcomes'], rows)}`
}

function events(): string {
  const rows = Object.entries(EVENTS).map(([name, { from, meaning }]) => [code(name), from, meaning])
  return `## Events\n\n${table(['Event', 'Brought by', 'Meaning'], rows)}`
}

const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
] as const

/** Whole units only, the largest that fits without a remainder. */
function duration(milliseconds: number): string {
  const [size, unit] = UNITS.find(([each]) => milliseconds > 0 && milliseconds % each === 0) ?? [SECOND, 's']
  return `${milliseconds / size} ${unit}`
}
