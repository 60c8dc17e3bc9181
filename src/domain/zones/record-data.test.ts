import { describe, expect, it } from 'vitest'
import { characterStrings } from './character-strings.ts'
import { type RecordType, readRecordData } from './record-data.ts'

const octets = (text: string) => Uint8Array.from(Buffer.from(text))

describe('record data in the form of zone files', () => {
  it.each<[RecordType, string, unknown]>([
    ['A', '192.0.2.1', '192.0.2.1'],
    ['AAAA', '2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    ['AAAA', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['AAAA', '::', '::'],
    ['CNAME', 'WWW.Example.com.', 'www.example.com'],
    ['CNAME', '_x.acme.example', '_x.acme.example'],
    ['NS', 'ns1.example.com', 'ns1.example.com'],
    ['PTR', 'host.example.com.', 'host.example.com'],
    ['MX', '10 mail.example.com.', { preference: 10, exchange: 'mail.example.com' }],
    ['MX', '0 .', { preference: 0, exchange: '.' }],
    ['SRV', '0 5 443 www.example.com.', { priority: 0, weight: 5, port: 443, target: 'www.example.com' }],
    ['CAA', '0 issue "ca.example.net"', { flags: 0, tag: 'issue', value: 'ca.example.net' }],
    ['CAA', '128 ISSUE ;', { flags: 128, tag: 'issue', value: ';' }],
    ['CAA', '0 iodef "mailto:a b@example.com"', { flags: 0, tag: 'iodef', value: 'mailto:a b@example.com' }],
    [
      'SOA',
      'ns.example.com. root.example.com. 7 1 2 3 4',
      {
        mname: 'ns.example.com',
        rname: 'root.example.com',
        serial: 7,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
    ],
    ['TXT', '"one" "t w o" three', [octets('one'), octets('t w o'), octets('three')]],
    ['TXT', '"a \\"quoted\\" \\\\ one"', [octets('a "quoted" \\ one')]],
    ['TXT', '"\\226\\130\\172"', [octets('€')]],
    ['TXT', '"€"', [octets('€')]],
    ['TXT', '""', [octets('')]],
  ])('%s %s', (type, text, data) =>
    expect(readRecordData(type, text)).toEqual({ ok: true, record: { type, data } }),
  )

  it.each<[RecordType, string]>([
    ['A', '192.0.2.256'],
    ['A', '192.0.2.01'],
    ['A', '192.0.2'],
    ['A', '::1'],
    ['AAAA', '192.0.2.1'],
    ['AAAA', '1:2:3:4:5:6:7'],
    ['AAAA', '1:2:3:4:5:6:7::8'],
    ['AAAA', '1::2::3'],
    ['AAAA', 'fe80::1%eth0'],
    ['AAAA', '192.0.2.1::'],
    ['CNAME', ''],
    ['CNAME', '.'],
    ['CNAME', 'two names.example'],
    ['CNAME', '*.example.com'],
    ['MX', 'mail.example.com.'],
    ['MX', '65536 mail.example.com.'],
    ['MX', '10 mail.example.com. more'],
    ['SRV', '0 5 www.example.com.'],
    ['SRV', '-1 5 443 www.example.com.'],
    ['CAA', '256 issue "x"'],
    ['CAA', '0 is-sue "x"'],
    ['CAA', '0 issue'],
    ['CAA', '0 issue "a" "b"'],
    ['SOA', 'ns.example.com. root.example.com. 1 2 3 4'],
    ['SOA', 'ns.example.com. root.example.com. 4294967296 1 2 3 4'],
    ['TXT', ''],
    ['TXT', '"open'],
    ['TXT', 'open"'],
    ['TXT', '"a"b'],
    ['TXT', '"\\999"'],
    ['TXT', `"${'x'.repeat(256)}"`],
  ])('refuses %s %s', (type, text) => {
    const reading = readRecordData(type, text)
    expect(reading.ok).toBe(false)
    if (!reading.ok) expect(reading.reason).toMatch(/^(must be|is no) /)
  })

  it('reads a text of many backslashes in a time that grows with its length alone', () => {
    expect(characterStrings('\\'.repeat(32_001))).toBeNull()
    expect(characterStrings(`"${'\\'.repeat(32_001)}`)).toBeNull()
  })
})
