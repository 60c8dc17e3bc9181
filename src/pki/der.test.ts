import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../domain/time.ts'
import {
  bitString,
  element,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from './der.ts'
import { childrenOf, elementAt, onlyElement, readObjectIdentifier, readText } from './der-reader.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('DER', () => {
  it.each([
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [65_537, '0203010001'],
  ])('writes the integer %i in the fewest octets', (value, expected) => {
    expect(hex(integer(value))).toBe(expected)
  })

  it('keeps a number from bytes positive and shortest', () => {
    expect(hex(integer(Buffer.from('00ff', 'hex')))).toBe('020200ff')
    expect(hex(integer(Buffer.from('0001', 'hex')))).toBe('020101')
    expect(hex(integer(Buffer.alloc(0)))).toBe('020100')
  })

  it('writes named bits without trailing zeros (X.690 section 11.2.2)', () => {
    expect(hex(namedBits([0]))).toBe('03020780')
    expect(hex(namedBits([0, 2]))).toBe('030205a0')
    expect(hex(namedBits([5, 6]))).toBe('03020106')
  })

  it.each([
    ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
    ['2.23.140.1.2.1', '060667810c010201'],
    ['2.5.29.32.0', '0604551d2000'],
  ])('writes and reads the object identifier %s', (dotted, expected) => {
    expect(hex(objectIdentifier(dotted))).toBe(expected)
    expect(readObjectIdentifier(elementAt(objectIdentifier(dotted)).content)).toBe(dotted)
  })

  it('changes from UTCTime to GeneralizedTime in 2050 (RFC 5280 section 4.1.2.5)', () => {
    expect(time(instant(Date.UTC(2049, 11, 31, 23, 59, 59))).toString('latin1')).toContain('491231235959Z')
    expect(time(instant(Date.UTC(2049, 11, 31)))[0]).toBe(0x17)
    expect(time(instant(Date.UTC(2050, 0, 1)))[0]).toBe(0x18)
    expect(time(instant(Date.UTC(2050, 0, 1))).toString('latin1')).toContain('20500101000000Z')
  })

  it('reads back what it wrote, at every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const [first, second] = childrenOf(onlyElement(sequence(octetString(content), bitString(content))))
        expect(Buffer.compare(first?.content ?? Buffer.of(), content)).toBe(0)
        expect(second?.content.length).toBe(content.length + 1)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['3080020100', 'indefinite length'],
    ['30810102', 'length longer than need be'],
    ['3085000000000102', 'five octets of length'],
    ['3005', 'content missing'],
    ['30', 'length missing'],
    ['1f8101', 'tag of more than one octet'],
    ['', 'nothing at all'],
  ])('refuses %s (%s)', (bytes) => {
    expect(() => elementAt(Buffer.from(bytes, 'hex'))).toThrow(RangeError)
  })

  it('refuses octets after the end', () => {
    expect(() => onlyElement(Buffer.concat([sequence(), Buffer.of(0)]))).toThrow(RangeError)
  })

  it('throws nothing but RangeError, whatever the octets', () => {
    const outcome = (bytes: Uint8Array): unknown => {
      try {
        readObjectIdentifier(elementAt(bytes).content)
        return childrenOf(elementAt(bytes)).map((child) => readText({ ...child, tag: 0x0c }))
      } catch (error) {
        return error instanceof RangeError ? [] : error
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(outcome(bytes)).toBeInstanceOf(Array)
      }),
    )
  })

  it('reads a BMPString of an odd number of octets as an error, not as a crash', () => {
    expect(() => readText(elementAt(element(0x1e, Buffer.of(0x41))))).toThrow(RangeError)
  })
})
