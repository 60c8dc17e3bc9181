import { expect, it } from 'vitest'
import { HOUR, instant, plus } from '../time.ts'
import { heededWindow } from './renewal-window.ts'

const NOW = instant(1_795_000_000_000)
const window = (from: number, until: number) => ({
  start: plus(NOW, from * HOUR),
  end: plus(NOW, until * HOUR),
  explanationUrl: null,
})

it('the window of a CA is heeded as it is, also one that has passed', () => {
  expect(heededWindow(window(-2, -1), null)).toEqual(window(-2, -1))
  expect(heededWindow(window(100, 200), NOW)).toEqual(window(100, 200))
})

it('what a renewal has just brought is not renewed again within six hours, whatever the CA says', () => {
  expect(heededWindow(window(-2, -1), NOW)).toEqual(window(6, 6))
  expect(heededWindow(window(-2, 48), NOW)).toEqual(window(6, 48))
})
