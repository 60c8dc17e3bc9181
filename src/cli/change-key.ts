import { notUnderstood } from './exchanges.ts'

export interface ChangeKey {
  readonly enrollmentId: number
  readonly changeId: number
}

export const changePath = (key: ChangeKey): string =>
  `/cps/v2/enrollments/${key.enrollmentId}/changes/${key.changeId}`

/** Clients take the numbers of a location string, whatever stands before them (spec: api.md 1). */
export function changeKeyOf(location: string): ChangeKey {
  const match = /(\d+)\/changes\/(\d+)\/?$/.exec(location)
  if (match === null) throw notUnderstood(location)
  return { enrollmentId: Number(match[1]), changeId: Number(match[2]) }
}
