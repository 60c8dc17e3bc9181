import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWarnings } from '../../../test/support/warnings-reading.ts'
import { WARNINGS, WARNING_IDS, type WarningId } from './catalogue.ts'
import { finding, findingText } from './finding-text.ts'

const textWith = (id: WarningId, valueOf: (name: string, index: number) => string): string => {
  const names = [...WARNINGS[id].matchAll(/<(.+?)>/g)].map(([, name = '']) => name)
  const values = Object.fromEntries(names.map((name, index) => [name, valueOf(name, index)]))
  return (findingText as (id: WarningId, values: object) => string)(id, values)
}

const quotation = fc
  .tuple(fc.constantFrom(...WARNING_IDS), fc.string({ maxLength: 5 }))
  .map(([id, value]) => WARNINGS[id].replaceAll(/<.+?>/g, value))

/** Fixed parts of templates, alone and in rows: what could be taken for the end of one warning and the beginning of another. */
const fragments = fc
  .array(fc.constantFrom(...WARNING_IDS.flatMap((id) => WARNINGS[id].split(/<.+?>/))), { maxLength: 3 })
  .map((parts) => parts.join('x'))

const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\n', 'a\r\nb', '] vs missing.', '$&', '\u2028', '\ud800'),
  quotation,
  fragments,
)

describe('the text of a finding', () => {
  it('fits its template when it is read back, whatever the values say', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...WARNING_IDS),
        fc.array(value, { minLength: 5, maxLength: 5 }),
        (id, values) => {
          expect(readWarnings(textWith(id, (_, index) => values[index] ?? ''))).toEqual([[id]])
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('fits in a list of others as well', () => {
    const one = fc.tuple(fc.constantFrom(...WARNING_IDS), value)
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (several) => {
        const blob = several.map(([id, text]) => textWith(id, () => text)).join('\n')
        expect(readWarnings(blob)).toEqual(several.map(([id]) => [id]))
      }),
      { numRuns: 500 },
    )
  })

  it.each(WARNING_IDS.map((id) => [id]))('of %s keeps ordinary values as they are', (id) => {
    const text = textWith(id, () => 'CN=Ordinary “CA” 1, O=Example & Söhne GmbH')
    expect(text).toBe(WARNINGS[id].replaceAll(/<.+?>/g, 'CN=Ordinary “CA” 1, O=Example & Söhne GmbH'))
  })

  it('says missing for an empty value', () => {
    expect(findingText('CERTIFICATE_NULL_OR_EMPTY', { certificateDescription: '' })).toBe(
      'Null or empty [missing] Certificate.',
    )
  })

  it('has neither line breaks nor terminal codes of a value, and stays storable', () => {
    const text = findingText('VALIDATION_EXCEPTION', { exceptionMessage: 'a\n\u001b[2Jb\0\u202ec\ud800' })
    expect(text).toBe('Validation exception: a [2Jb \ufffdc\ufffd.')
  })

  it('cuts a value that is longer than any honest one', () => {
    const text = findingText('VALIDATION_EXCEPTION', { exceptionMessage: 'a'.repeat(1_000_000) })
    expect(text.length).toBeLessThan(9_000)
    expect(readWarnings(text)).toEqual([['VALIDATION_EXCEPTION']])
  })

  it('asks for exactly the placeholders of its template', () => {
    expect(finding('CERTIFICATE_EXPIRED')).toEqual({
      id: 'CERTIFICATE_EXPIRED',
      text: 'This certificate has already expired.',
    })
    // @ts-expect-error -- a value is missing
    expect(() => findingText('SNI_DNS_OVERLAP', {})).not.toThrow()
    // @ts-expect-error -- a placeholder that the template does not have
    expect(() => findingText('SNI_DNS_OVERLAP', { dnsName: 'a', other: 'b' })).not.toThrow()
    // @ts-expect-error -- a template without placeholders takes no values
    expect(() => findingText('CERTIFICATE_EXPIRED', { any: 'a' })).not.toThrow()
  })

  it('has 114 templates, as the catalogue of the CPS API has', () => {
    expect(WARNING_IDS).toHaveLength(114)
  })
})
