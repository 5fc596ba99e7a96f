import type { Kind } from '../../../mask/kind.ts'

/** What masking must know of a built-in type; the numbers are PostgreSQL's own (pg_type.dat). */
export interface ValueType {
  readonly name: string
  readonly kind: Kind
  /** Whether detectors look at it: not where only dates, times, truth values or small numbers fit. */
  readonly scanned: boolean
}

/** Any type that is not built in: an enum, a composite, an extension's. Its text is taken as text. */
const UNKNOWN: ValueType = { name: 'unknown', kind: 'text', scanned: true }

/** First OID that is not reserved for what ships with PostgreSQL (FirstNormalObjectId). */
const FIRST_USER_OID = 16384

/** A built-in type that is not in the table: its text has a syntax that this code does not know. */
const OTHER: ValueType = { name: 'other', kind: 'other', scanned: true }

export function valueType(oid: number): ValueType {
  return TYPES.get(oid) ?? (isBuiltIn(oid) ? OTHER : UNKNOWN)
}

export function isBuiltIn(oid: number): boolean {
  return oid !== 0 && oid < FIRST_USER_OID
}

export const OID = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  xml: 142,
  cidr: 650,
  float4: 700,
  float8: 701,
  unknown: 705,
  money: 790,
  inet: 869,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  timetz: 1266,
  numeric: 1700,
  refcursor: 1790,
  record: 2249,
  cstring: 2275,
  uuid: 2950,
  jsonb: 3802,
  xid8: 5069,
} as const

type TypeName = keyof typeof OID

const KINDS: Readonly<Record<TypeName, Kind>> = {
  bool: 'boolean',
  bytea: 'bytes',
  // One byte: no room for a word.
  char: 'other',
  name: 'text',
  int8: 'bigint',
  int2: 'smallint',
  int4: 'integer',
  text: 'text',
  oid: 'integer',
  json: 'json',
  xml: 'text',
  cidr: 'other',
  float4: 'number',
  float8: 'number',
  unknown: 'text',
  money: 'number',
  inet: 'other',
  bpchar: 'text',
  varchar: 'text',
  date: 'date',
  time: 'other',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  interval: 'other',
  timetz: 'other',
  numeric: 'number',
  refcursor: 'text',
  record: 'other',
  cstring: 'text',
  uuid: 'uuid',
  jsonb: 'json',
  xid8: 'bigint',
}

const UNSCANNED: ReadonlySet<string> = new Set([
  'bool',
  'int2',
  'int4',
  'oid',
  'float4',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'timetz',
  'uuid',
])

/** Arrays whose text form may be cut open by a detector and stays an array: of text. */
const TEXT_ARRAYS: readonly number[] = [143, 1003, 1009, 1014, 1015, 1263, 2201]

const TYPES: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  ...(Object.keys(OID) as TypeName[]).map(
    (name) => [OID[name], { name, kind: KINDS[name], scanned: !UNSCANNED.has(name) }] as const,
  ),
  ...TEXT_ARRAYS.map((oid) => [oid, { name: 'text[]', kind: 'other', scanned: true }] as const),
])

/** Text forms that stay what they are when a part of them is replaced. */
export function holdsParts(oid: number): boolean {
  return isTextArray(oid) || valueType(oid).kind === 'text'
}

export function isTextArray(oid: number): boolean {
  return TEXT_ARRAYS.includes(oid)
}
