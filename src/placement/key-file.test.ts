import { describe, expect, it } from 'vitest'
import { readKeyFile } from './key-file.ts'

const SECRET = Buffer.from('0123456789abcdef0123456789abcdef')
const BASE64 = SECRET.toString('base64')

describe('a file with a TSIG key', () => {
  it('is read as tsig-keygen writes it', () => {
    const text = `key "Certrail.Example." {\n\talgorithm hmac-sha256;\n\tsecret "${BASE64}";\n};\n`
    expect(readKeyFile(text)).toEqual({ name: 'certrail.example', algorithm: 'hmac-sha256', secret: SECRET })
  })

  it('is read as a person writes it', () => {
    const text = `# of ns1\nkey certrail { /* new */ secret ${BASE64}; algorithm HMAC-SHA512; } ; // end`
    expect(readKeyFile(text)).toMatchObject({ name: 'certrail', algorithm: 'hmac-sha512' })
  })

  it.each([
    ['nothing', ''],
    ['two clauses', `key a { algorithm hmac-sha256; secret "${BASE64}"; }; key b { secret "x"; };`],
    ['an algorithm of old', `key a { algorithm hmac-md5; secret "${BASE64}"; };`],
    ['no algorithm', `key a { secret "${BASE64}"; };`],
    ['a secret that is too short', 'key a { algorithm hmac-sha256; secret "c2hvcnQ="; };'],
    ['no secret', 'key a { algorithm hmac-sha256; };'],
  ])('is refused with %s, and nothing of it is quoted', (_, text) => {
    expect(() => readKeyFile(text)).toThrow()
    try {
      readKeyFile(text)
    } catch (error) {
      expect(String(error)).not.toContain(BASE64)
    }
  })
})
