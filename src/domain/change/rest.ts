import type { Change } from './change.ts'

/**
 * Nothing is left to be done now: the change waits for a person or a later moment, or has ended. A cancelled first change that only has to take its enrollment
 * along, minutes later, rests: nobody who cancels waits for that.
 */
export const isAtRest = ({ state, effects }: Pick<Change, 'state' | 'effects'>): boolean =>
  effects.length === 0 || (state === 'cancelled' && effects.every((effect) => effect === 'remove-enrollment'))
