/** How the value of a row compares with that of the row of `base`: `1.30`. */
export function ratioTo(base: string) {
  return <V>(
    measured: V,
    rows: readonly { readonly peer: string; readonly measured: V }[],
    value: (measured: V) => number,
  ): string => {
    const other = rows.find(({ peer }) => peer === base)
    const share = other === undefined ? Number.NaN : value(measured) / value(other.measured)
    return Number.isNaN(share) ? '–' : share.toFixed(2)
  }
}

export function whole(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en')
}

export function tenth(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1)
}

/** The first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join(' | ')} |`
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
