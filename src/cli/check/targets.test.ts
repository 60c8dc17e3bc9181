import { describe, expect, it } from 'vitest'
import { readTargets } from './targets.ts'

const only = (line: string) => readTargets(line, 'names')[0]

describe('a file of names', () => {
  it.each([
    ['www.example.com', 'www.example.com', 'www.example.com', 443],
    ['WWW.Example.com:8443', 'www.example.com', 'www.example.com', 8443],
    ['www.example.com=192.0.2.7', 'www.example.com', '192.0.2.7', 443],
    ['www.example.com:8443=192.0.2.7', 'www.example.com', '192.0.2.7', 8443],
    ['www.example.com=edge-1.example.net:9443', 'www.example.com', 'edge-1.example.net', 9443],
    ['*.example.com=[2001:db8::1]:443', '*.example.com', '2001:db8::1', 443],
    ['www.example.com=2001:db8::1', 'www.example.com', '2001:db8::1', 443],
    ['192.0.2.7', '192.0.2.7', '192.0.2.7', 443],
    ['  www.example.com  # the shop', 'www.example.com', 'www.example.com', 443],
  ])('says by %s what is asked for, and where', (line, name, host, port) => {
    expect(only(line)).toEqual({ name, host, port })
  })

  it('has comments and empty lines, and checks once what is written twice', () => {
    const text = '# shop\r\n\r\nwww.example.com\r\nwww.example.com:443\r\nexample.com\r\n'
    expect(readTargets(text, 'names').map(({ name }) => name)).toEqual(['www.example.com', 'example.com'])
  })

  it.each([
    'www example.com',
    'https://www.example.com/',
    'a.example:0',
    'a.example:70000',
    'a=b=c',
    '=a',
    'a=',
    '[nope]:1',
    '-x.example',
  ])('is refused with the number of the line where it says %s', (line) => {
    expect(() => readTargets(`a.example\n${line}\n`, 'names.txt')).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('names.txt line 2') as string }),
    )
  })

  it('that names nothing is refused, since nothing would ever be wrong', () => {
    expect(() => readTargets('# later\n', 'names')).toThrow('Wrong usage')
  })
})
