import type { Enrollment } from './answers.ts'
import type { Calls } from './calls.ts'
import { changeKeyOf, type ChangeKey } from './change-key.ts'
import { Failure, wrongUsage } from './failure.ts'

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '')

const hasCommonName = (name: string) => (enrollment: Enrollment) => canonical(enrollment.csr.cn) === name
const hasName = (name: string) => (enrollment: Enrollment) =>
  enrollment.csr.sans.some((san) => canonical(san) === name)

/** By id or by common name. */
export async function findEnrollment(calls: Calls, reference: string): Promise<Enrollment> {
  if (/^\d+$/.test(reference)) return calls.enrollment(Number(reference))
  const found = (await calls.enrollments()).filter(hasCommonName(canonical(reference)))
  return onlyOne(found, `No enrollment has the common name ${reference}.`, reference)
}

/** By id, by common name, or else by any of its names. */
export async function findEnrollmentByAnyName(calls: Calls, reference: string): Promise<Enrollment> {
  if (/^\d+$/.test(reference)) return calls.enrollment(Number(reference))
  const all = await calls.enrollments()
  const name = canonical(reference)
  const byCommonName = all.filter(hasCommonName(name))
  const found = byCommonName.length > 0 ? byCommonName : all.filter(hasName(name))
  return onlyOne(found, `No enrollment has the name ${reference}.`, reference)
}

function onlyOne(found: readonly Enrollment[], none: string, reference: string): Enrollment {
  const [first, ...others] = found
  if (first === undefined) throw new Failure({ title: 'Not Found', detail: `${none} See: certrail list` })
  if (others.length === 0) return first
  const ids = found.map((enrollment) => enrollment.id).join(', ')
  throw wrongUsage(`${reference} stands for several enrollments; give one of the ids ${ids}.`)
}

/** The open change, of which there is at most one: the last of the list (spec: behaviour C). */
function openChangeOf(enrollment: Enrollment): ChangeKey | null {
  const last = enrollment.pendingChanges.at(-1)
  return last === undefined ? null : changeKeyOf(last.location)
}

/** `--change`, else the open one, else null. */
export function chosenChange(enrollment: Enrollment, option: string | undefined): ChangeKey | null {
  if (option === undefined) return openChangeOf(enrollment)
  if (!/^\d+$/.test(option)) throw wrongUsage(`--change wants a number, not ${option}.`)
  return { enrollmentId: enrollment.id, changeId: Number(option) }
}

/** Where something is deployed, in words. */
export function liveOn(enrollment: Enrollment): string {
  const networks = [
    ...(enrollment.stagingSlots.length > 0 ? ['staging'] : []),
    ...(enrollment.productionSlots.length > 0 ? ['production'] : []),
  ]
  return networks.length === 0 ? 'nowhere yet' : networks.join(', ')
}

export const namesOf = (enrollment: Enrollment): readonly string[] => [
  enrollment.csr.cn,
  ...enrollment.csr.sans.filter((san) => canonical(san) !== canonical(enrollment.csr.cn)),
]
