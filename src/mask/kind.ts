/**
 * What a value is to a masker, whatever the protocol calls its type. `smallint`, `integer` and
 * `bigint` have 16, 32 and 64 bits; `number` is any other number; `json` is JSON text; `other` is
 * anything whose text form has a syntax of its own.
 */
export type Kind =
  | 'text'
  | 'number'
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'date'
  | 'timestamp'
  | 'boolean'
  | 'uuid'
  | 'json'
  | 'bytes'
  | 'other'

export function isNumeric(kind: Kind): boolean {
  return kind === 'number' || kind === 'smallint' || kind === 'integer' || kind === 'bigint'
}
