import { describe, expect, it } from 'vitest'
import { isAllowed } from './addresses.ts'

describe('allowed targets', () => {
  it.each([
    '10.1.2.3',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    'fe80::1',
    'fd00::1',
    '::',
    '0.0.0.0',
    'fec0::1',
    '4000::1',
    '::10.0.0.1',
  ])('%s is never a public target', (address) => {
    expect(isAllowed(address, 'public')).toBe(false)
    expect(isAllowed(address, 'loopback')).toBe(false)
    expect(isAllowed(address, 'any')).toBe(true)
  })

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('%s is allowed as loopback alone', (address) => {
    expect(isAllowed(address, 'public')).toBe(false)
    expect(isAllowed(address, 'loopback')).toBe(true)
  })

  it.each(['93.184.216.34', '2606:4700::1111'])('%s is public', (address) =>
    expect(isAllowed(address, 'public')).toBe(true),
  )

  it('allows nothing that is no address', () => expect(isAllowed('localhost', 'any')).toBe(false))
})
