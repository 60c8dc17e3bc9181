import { expect, it } from 'vitest'
import { isAtRest } from './rest.ts'

it('a change rests when nothing is left to be done', () => {
  expect(isAtRest({ state: 'awaiting-input', effects: [] })).toBe(true)
  expect(isAtRest({ state: 'running', effects: ['generate-keys'] as never })).toBe(false)
})

it('a cancelled first change rests once only its enrollment is left to be removed, minutes later', () => {
  expect(isAtRest({ state: 'cancelled', effects: ['destroy-keys', 'remove-enrollment'] })).toBe(false)
  expect(isAtRest({ state: 'cancelled', effects: ['remove-enrollment'] })).toBe(true)
})

it('a removal does not rest before its enrollment is gone', () => {
  expect(isAtRest({ state: 'completed', effects: ['remove-enrollment'] })).toBe(false)
})
