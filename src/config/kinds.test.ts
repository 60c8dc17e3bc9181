import { describe, expect, it } from 'vitest'
import * as kinds from './kinds.ts'

const {
  endpoint,
  hosts,
  addresses,
  duration,
  either,
  failpoint,
  fixedPort,
  oneOf,
  orderLimit,
  pace,
  port,
  preflight,
  someOf,
  trueOrFalse,
  url,
} = kinds

describe('kinds of settings', () => {
  it.each([
    ['port', port, '0', 0],
    ['port', port, '65535', 65_535],
    ['addresses', addresses, ' 127.0.0.1 , ::1 ,::1', ['127.0.0.1', '::1']],
    ['hosts', hosts, 'localhost,ca.example.com,::1', ['localhost', 'ca.example.com', '::1']],
    ['endpoint', endpoint, 'ns1.example.com:53', { host: 'ns1.example.com', port: 53 }],
    ['endpoint', endpoint, '192.0.2.1:8053', { host: '192.0.2.1', port: 8053 }],
    ['endpoint', endpoint, '[2001:db8::1]:53', { host: '2001:db8::1', port: 53 }],
    ['true or false', trueOrFalse, 'false', false],
    ['some of', someOf('api', 'jobs'), 'jobs,api,jobs', ['jobs', 'api']],
    ['either', either(duration, oneOf('manual')), 'manual', 'manual'],
    ['either', either(duration, oneOf('manual')), 'PT1M', { milliseconds: 60_000 }],
    ['failpoint', failpoint, 'before:create-slot-files', 'before:create-slot-files'],
    ['failpoint', failpoint, 'during:create-slot-files', 'during:create-slot-files'],
    ['URL', url('https'), 'https://ca.example/dir', 'https://ca.example/dir'],
    ['URL', url('postgresql'), 'postgresql:///db?host=/run', 'postgresql:///db?host=/run'],
  ] as [string, kinds.Kind<unknown>, string, unknown][])('%s: reads %s', (_, kind, text, value) => {
    expect(kind.parse(text, '/')).toEqual(value)
  })

  it.each([
    ['port', port, ['', '-1', '65536', '1e3', '0x10', ' 80', '80.0', '080000']],
    ['fixed port', fixedPort, ['0', '65536']],
    ['addresses', addresses, ['', ',', 'localhost', '127.0.0.1 ::1', '300.1.1.1', '127.0.0.1,nope']],
    [
      'hosts',
      hosts,
      ['', 'a_b', '-a.example', 'a..b', '*.example.com', '999.1.1.1', `${'a'.repeat(64)}.com`],
    ],
    [
      'endpoint',
      endpoint,
      ['127.0.0.1', ':53', '127.0.0.1:0', '::1:53', '[::1]', '[::1]:x', 'a b:53', 'h:65536'],
    ],
    ['true or false', trueOrFalse, ['', '1', 'yes', 'TRUE', 'toString']],
    ['some of', someOf('api', 'jobs'), ['', 'api,edge', ' ']],
    ['failpoint', failpoint, ['generate-csr', 'amid:x', 'after:', 'after:X', 'after:a b', 'after:-a']],
    ['URL', url('https'), ['', 'http://ca.example', 'https:', 'https:/ca', 'ca.example', 'https://']],
  ] as [string, kinds.Kind<unknown>, string[]][])('%s: refuses what is none', (_, kind, texts) => {
    for (const text of texts) expect(kind.parse(text, '/'), text).toBeUndefined()
  })
})

describe('an order limit', () => {
  it('is a number of orders in a period, or none', () => {
    expect(orderLimit.parse('300/PT3H', '')).toEqual({ most: { orders: 300, periodMs: 10_800_000 } })
    expect(orderLimit.parse('none', '')).toEqual({ most: null })
  })

  it.each(['', '300', '0/PT3H', '300/3h', '300/PT0S', '-1/PT1H', '1/PT1H/2', 'many/PT1H'])(
    'is not %j',
    (given) => {
      expect(orderLimit.parse(given, '')).toBeUndefined()
    },
  )
})

describe('a preflight', () => {
  it('is one word for all, and others for accounts of their own', () => {
    expect(preflight.parse('strict', '')).toEqual({ default: 'strict', accounts: {} })
    expect(preflight.parse('advise, A-1=strict,A-2=off', '')).toEqual({
      default: 'advise',
      accounts: { 'A-1': 'strict', 'A-2': 'off' },
    })
  })

  it.each(['', 'never', 'A-1=strict', 'advise,A-1', 'advise,A-1=never', 'advise,=off', 'advise,strict'])(
    'is not %j',
    (text) => expect(preflight.parse(text, '')).toBeUndefined(),
  )
})

describe('a pace', () => {
  it('is instant, one duration for every step, or some by name', () => {
    expect(pace.parse('instant', '')).toEqual({})
    expect(pace.parse('PT1M', '')).toMatchObject({
      'generate-csr': 60_000,
      'deploy-cert-to-production': 60_000,
    })
    expect(pace.parse('generate-csr=PT30S,check-for-cert=PT1H', '')).toEqual({
      'generate-csr': 30_000,
      'check-for-cert': 3_600_000,
    })
  })

  it.each([
    '',
    'slow',
    'generate-csr',
    'generate-csr=soon',
    'wait-ack-change-management=PT1M',
    'complete=PT1S',
  ])('is not %j: nobody works there, or it is no time', (given) =>
    expect(pace.parse(given, '')).toBeUndefined(),
  )
})
