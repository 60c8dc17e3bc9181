import { expect, it } from 'vitest'
import { waitSeconds } from './preferences.ts'

it.each([
  [null, null],
  ['', null],
  ['respond-async', null],
  ['wait', null],
  ['wait=soon', null],
  ['wait=-1', null],
  ['wait=10', 10],
  ['Wait = "7"', 7],
  ['respond-async, wait=3; x=y', 3],
  ['wait=50', 50],
  ['wait=51', 50],
  ['wait=999999999', 50],
  ['wait=1, wait=2', 1],
])('Prefer %j waits %s seconds', (prefer, seconds) => {
  expect(waitSeconds(prefer)).toBe(seconds)
})
