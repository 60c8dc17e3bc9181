import { expect, it } from 'vitest'
import { isPublicSuffix } from './public-suffix.ts'

it.each(['co.uk', '*.co.uk', '*.com', 'ac.jp', 'xn--55qx5d.cn', 'anything.ck'])(
  '%s is a name that nobody owns whole (BR section 3.2.2.6)',
  (name) => {
    expect(isPublicSuffix(name)).toBe(true)
  },
)

it.each([
  'example.co.uk',
  '*.example.co.uk',
  'www.ck',
  'github.io',
  '*.github.io',
  'www.example',
  'city.internal',
])('%s may be owned', (name) => {
  expect(isPublicSuffix(name)).toBe(false)
})
