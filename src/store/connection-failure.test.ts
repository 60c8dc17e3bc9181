import { expect, it } from 'vitest'
import { isDatabaseAway } from './connection-failure.ts'

const withCode = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more })

it.each([
  withCode('57P01'),
  withCode('08006'),
  withCode('ENOENT', { syscall: 'connect' }),
  withCode('ECONNREFUSED', { syscall: 'connect' }),
  new Error('Connection terminated unexpectedly'),
  new Error('Query read timeout'),
])('%s: the database is away', (error) => expect(isDatabaseAway(error)).toBe(true))

it.each([withCode('23505'), withCode('ENOENT', { syscall: 'open' }), new Error('anything'), 'text', null])(
  '%s: another fault',
  (error) => expect(isDatabaseAway(error)).toBe(false),
)
