import { fromWireTime, instant } from '../../domain/time.ts'
import type { Enrollment, Plan } from '../answers.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'
import { showTimeFrom } from '../output.ts'
import { table } from '../table.ts'

export const addPlan: AddCommand = (program, context) => {
  withConnection(program.command('plan'))
    .description('show what will happen to an enrollment by itself, when and why')
    .argument('<enrollment>', 'id or common name')
    .action((reference: string, options: CommonOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const enrollment = await findEnrollment(calls, reference)
        const plan = await calls.plan(enrollment.id)
        printer.data(plan)
        printer.text(planText(enrollment, plan, printer.strong))
        return EXIT.done
      }),
    )
}

function planText({ csr: { cn }, id }: Enrollment, plan: Plan, strong: (text: string) => string): string {
  const now = fromWireTime(plan.now) ?? instant(0)
  const rows = plan.steps.map(({ at, what, reason }) => [showTimeFrom(at, now), what, reason])
  const steps =
    rows.length === 0 ? 'Nothing happens by itself.\n' : table(['at', 'what', 'why'], rows, strong)
  const kept = plan.keepKey ? 'Renewals keep the key.\n' : ''
  const held = plan.holds.map(({ text }) => `HELD: ${text}\n`).join('')
  return `${cn} (enrollment ${id})\n${steps}${kept}${held}${plan.conflicts.map(({ text }) => `CONFLICT: ${text}\n`).join('')}`
}
