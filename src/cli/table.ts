/** Code points, not UTF-16 units. Names on the wire are ASCII, so wide characters do not occur in columns. */
const widthOf = (text: string): number => [...text].length

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Left-aligned columns, two spaces apart, header in capitals; no trailing blanks. Ends with a newline. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  emphasis: (line: string) => string = (line) => line,
): string {
  const all = [header.map((cell) => cell.toUpperCase()), ...rows.map((row) => row.map(oneLine))]
  const widths = header.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))))
  const lines = all.map((row) =>
    widths
      .map((width, column) => padded(row[column] ?? '', width))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.map((line, index) => (index === 0 ? emphasis(line) : line)).join('\n')}\n`
}

/** `label  value` lines, labels of one width, two spaces in front. A value of several lines keeps its column. */
export function facts(pairs: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([label]) => widthOf(label)))
  return pairs
    .map(([label, value]) => {
      const [first = '', ...others] = value.split('\n')
      const more = others.map((line) => `\n${' '.repeat(width + 4)}${line}`)
      return `${`  ${padded(label, width)}  ${first}`.trimEnd()}${more.join('')}\n`
    })
    .join('')
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
