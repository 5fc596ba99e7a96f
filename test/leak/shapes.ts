/** Types of values that expressions are made of; each is one type of PostgreSQL. */
export type ValueType = 'int' | 'text' | 'texts' | 'json' | 'row' | 'range' | 'bool'

export interface ColumnRef {
  readonly ref: string
  readonly type: ValueType
}

/** What an expression may name: columns, and items whose whole row is a value. */
export interface Visible {
  readonly columns: readonly ColumnRef[]
  readonly rows: readonly string[]
}

/** Items of a FROM clause. */
export interface Source extends Visible {
  readonly sql: string
}

export interface OutputColumn {
  readonly name: string
  readonly type: ValueType
}

export interface Query {
  readonly sql: string
  readonly columns: readonly OutputColumn[]
}

/** What a maker may ask for; all of it is made for the place where the maker stands. */
export interface Parts {
  (type: ValueType): string
  /** A value of any type that an output can have. */
  any(): string
  /** A whole row as one value. */
  row(): string
  /** A query of one column, which may name what is visible here. */
  query(type: ValueType): string
  /** Items of a FROM clause, which may name what is visible here. */
  from(): string
  /** Values of a table of its own, for aggregates. */
  apart(...types: readonly ValueType[]): {
    readonly values: readonly string[]
    readonly from: string
  }
  below(end: number): number
  pick<T>(list: readonly T[]): T
}

/** Named, so that a test can see that each is used. */
export type Makers = Readonly<Record<string, (v: Parts) => string>>

export const LITERALS: Readonly<Record<ValueType, string>> = {
  int: '7',
  text: `'k'`,
  texts: `'{a,b}'::text[]`,
  json: `'{"k": "v"}'::jsonb`,
  row: `ROW('s', 1)::spot`,
  range: `text_range('a', 'b')`,
  bool: 'true',
}

export const OUTPUT_TYPES = [
  'text',
  'text',
  'text',
  'int',
  'bool',
  'json',
  'texts',
  'row',
  'range',
] as const
