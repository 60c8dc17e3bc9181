import type { EnrollmentDocument } from './answers.ts'
import { wrongUsage } from './failure.ts'
import { recordIn } from './new-enrollment.ts'

export interface EnrollmentChanges {
  readonly addedNames: readonly string[]
  readonly removedNames: readonly string[]
  readonly changeManagement: boolean | null
  /** Members that replace those of the enrollment; those of `csr` and `networkConfiguration` one by one. */
  readonly file: Readonly<Record<string, unknown>> | null
}

/** The enrollment as it is to be. Names are compared without regard to case and a last dot; every other member stays as it is. */
export function changedEnrollment(
  current: EnrollmentDocument,
  { addedNames, removedNames, changeManagement, file }: EnrollmentChanges,
): EnrollmentDocument {
  const subject = { ...current.csr, ...subjectIn(file) }
  return {
    ...current,
    ...file,
    id: current.id,
    ...networkIn(current, file),
    ...(changeManagement === null ? {} : { changeManagement }),
    csr: { ...subject, sans: withNames(subject.cn, subject.sans ?? [], addedNames, removedNames) },
  }
}

function networkIn(
  current: EnrollmentDocument,
  file: EnrollmentChanges['file'],
): { readonly networkConfiguration?: object } {
  const changed = file?.['networkConfiguration']
  if (changed === undefined || changed === null) return {}
  if (typeof changed !== 'object' || Array.isArray(changed))
    throw wrongUsage('networkConfiguration in --file is no object.')
  return { networkConfiguration: { ...recordIn(current, 'networkConfiguration'), ...changed } }
}

function subjectIn(file: EnrollmentChanges['file']): Partial<EnrollmentDocument['csr']> {
  const subject = file?.['csr'] ?? {}
  if (typeof subject !== 'object' || Array.isArray(subject)) throw wrongUsage('csr in --file is no object.')
  const { cn = '', sans = [] } = subject as { readonly cn?: unknown; readonly sans?: unknown }
  if (typeof cn !== 'string') throw wrongUsage('csr.cn in --file is no text.')
  if (sans !== null && !(Array.isArray(sans) && sans.every((name) => typeof name === 'string')))
    throw wrongUsage('csr.sans in --file is no list of names.')
  return subject
}

function withNames(
  cn: string,
  sans: readonly string[],
  added: readonly string[],
  removed: readonly string[],
): string[] {
  const names = [...sans]
  for (const name of added) {
    if (![cn, ...names].some((other) => isSame(other, name))) names.push(name)
  }
  for (const name of removed) {
    if (isSame(cn, name)) throw wrongUsage(`${name} is the common name, which stays as it is.`)
    if (!names.some((other) => isSame(other, name))) throw wrongUsage(`${name} is none of its names.`)
  }
  return names.filter((name) => !removed.some((other) => isSame(other, name)))
}

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '')
const isSame = (one: string, other: string): boolean => canonical(one) === canonical(other)
