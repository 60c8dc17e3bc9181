import { expect, it } from 'vitest'
import { facts, table } from './table.ts'

it('columns are as wide as their widest cell, and lines end without blanks', () => {
  expect(
    table(
      ['id', 'name'],
      [
        ['1', 'a'],
        ['10001', 'www.example.com'],
      ],
    ),
  ).toBe('ID     NAME\n1      a\n10001  www.example.com\n')
})

it('a cell with line breaks stays in its row', () => {
  expect(table(['a', 'b'], [['x\ny', 'z']])).toBe('A    B\nx y  z\n')
})

it('emphasis is for the header only and does not count for the width', () => {
  expect(table(['a'], [['b']], (line) => `<${line}>`)).toBe('<A>\nb\n')
})

it('a fact of several lines keeps its column', () => {
  expect(
    facts([
      ['names', 'a\nb'],
      ['x', ''],
    ]),
  ).toBe('  names  a\n         b\n  x\n')
})
