import { describe, expect, it } from 'vitest'
import { commands, listLine } from './runtime-commands.ts'

const LINE = {
  file: '/edge/1-ecdsa-00.pem',
  options: 'alpn h2,http/1.1',
  names: ['a.example', '*.b.example'],
}
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

describe('what is written to the runtime API', () => {
  it('is one command, a payload ending with its first empty line', () => {
    expect(commands.setCertificate('/edge/1-ecdsa-00.pem', PEM)).toBe(
      `set ssl cert /edge/1-ecdsa-00.pem <<\n${PEM}\n`,
    )
    expect(commands.addLine('/edge/public.list', LINE)).toBe(
      'add ssl crt-list /edge/public.list <<\n/edge/1-ecdsa-00.pem [alpn h2,http/1.1] a.example *.b.example\n\n',
    )
  })

  it.each([
    ['an empty line and a command', `${PEM}\ndisable frontend f\n`],
    ['a carriage return', PEM.replaceAll('\n', '\r\n')],
    ['a comment', `# mine\n${PEM}`],
    ['no newline at its end', PEM.trimEnd()],
    ['a command in the base64', PEM.replace('AAAA', 'AAAA; disable frontend f')],
  ])('is no PEM with %s', (_, pem) => {
    expect(() => commands.setCertificate('/edge/1-ecdsa-00.pem', pem)).toThrow('not in our own encoding')
  })

  it.each(['relative.pem', '/a b.pem', '/a.pem\nshow info', '/a;b.pem', '/../etc/a.pem', '*/a.pem'])(
    'names no file %j',
    (file) => {
      expect(() => commands.commitCertificate(file)).toThrow('not a path of our own')
    },
  )

  it.each([
    '!a.example',
    'a.example\nshow info',
    'a.example b.example',
    '*.*.example',
    '',
    'A.example',
    '[x]',
  ])('serves no name %j', (name) => {
    expect(() => listLine({ ...LINE, names: [name] })).toThrow('not canonical')
  })

  it('has no line without names: it would serve whatever the certificate says', () => {
    expect(() => listLine({ ...LINE, names: [] })).toThrow('without a name')
    expect(() => listLine({ ...LINE, options: 'alpn h2] a.example\n/x' })).toThrow('known form')
  })
})
