import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../errors/problem.ts'
import { readHost, readTarget } from './raw-target.ts'

describe('readTarget', () => {
  it('parts path and query and leaves both as they are', () => {
    expect(readTarget('/a/b%20c?x=1?y=//..%2f')).toEqual({ path: '/a/b%20c', query: 'x=1?y=//..%2f' })
    expect(readTarget('/')).toEqual({ path: '/', query: '' })
  })

  it('lets through no path that a URL parser would read as another one', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E',
      '%2f',
      '%5C',
      '/',
      '//',
      '\\',
      'a',
      'a..',
      '%41',
      '?',
      '#',
      ' ',
      'é',
      '\t',
      ':',
      '@',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const target = `/${parts.join('')}`
        let path: string
        try {
          ;({ path } = readTarget(target))
        } catch (error) {
          expect(error).toBeInstanceOf(Problem)
          return
        }
        expect(new URL(`https://host${target}`).pathname).toBe(path)
      }),
    )
  })
})

describe('readHost', () => {
  it.each(['localhost', 'localhost:7443', '127.0.0.1:1', '[::1]:7443', 'A.Example.COM'])(
    'takes %s',
    (host) => {
      expect(readHost(['Accept', 'x', 'Host', host])).toBe(host)
    },
  )

  it.each([
    [[]],
    [['Host', '']],
    [['Host', 'a', 'host', 'a']],
    [['Host', 'a/b']],
    [['Host', 'user@a']],
    [['Host', 'a:b']],
  ])('refuses %j', (rawHeaders) => {
    expect(() => readHost(rawHeaders)).toThrow(Problem)
  })
})
