import type { Makers, ValueType } from './shapes.ts'
import { TEXT_MAKERS } from './text-makers.ts'

const INT: Makers = {
  length: (v) => `length(${v('text')})`,
  ascii: (v) => `ascii(${v('text')})`,
  sum: (v) => `(${v('int')}::bigint % 1000 + ${v.below(9)})::int`,
  divide: (v) => `(100 / nullif(${v('int')}, 0))`,
  position: (v) => `position('z' in ${v('text')})`,
  cardinality: (v) => `cardinality(${v('texts')})`,
  cast: (v) => `(substr(${v('text')}, 1, ${v.below(2)}) || '0')::int`,
  castWhole: (v) => `(${v('text')})::int`,
  field: (v) => `(${v('row')}).floor`,
  hash: (v) => `hashtext(${v('text')})`,
  bits: (v) => `ascii(${v('text')})::bit(8)::int`,
  bytes: (v) => `get_byte(convert_to(${v('text')} || '..', 'UTF8'), ${v.below(2)})`,
  counted: (v) => `(SELECT count(*)::int FROM ${v.from()})`,
  countedSeries: (v) =>
    `(SELECT count(*)::int FROM (SELECT generate_series(1, ${v('int')} % 9)) g)`,
  filtered(v) {
    const { values, from } = v.apart('bool')
    return `(SELECT count(*) FILTER (WHERE ${values[0]})::int FROM ${from})`
  },
}

const BOOL: Makers = {
  like: (v) => `(${v('text')} LIKE '%${v.pick(['z', 'q', 'A'])}%')`,
  regexp: (v) => `(${v('text')} ~ '[${v.pick(['a-f', 'q-z', '0-9'])}]$')`,
  greater: (v) => `(${v('int')} > ${v.below(60)})`,
  between: (v) => `(${v('text')} BETWEEN 'a' AND ${v('text')})`,
  isNull: (v) => `(${v.any()} IS NULL)`,
  equal: (v) => `(${v('text')} = ${v('text')})`,
  rowPresent: (v) => `(${v.row()} IS NOT NULL)`,
  distinct: (v) => `(${v('json')} IS DISTINCT FROM ${v('json')})`,
  contains: (v) => `(${v('json')} @> '{"k": "v"}')`,
  inRange: (v) => `(${v('text')} <@ ${v('range')})`,
  anyOf: (v) => `(${v('text')} = ANY (${v('texts')}))`,
  exists: (v) => `EXISTS (${v.query('text')})`,
  in: (v) => `(${v('text')} IN (${v.query('text')}))`,
  whisper: (v) => `whisper(${v('text')})`,
}

const DOCUMENT: Makers = {
  ofRow: (v) => `to_jsonb(${v.row()})`,
  ofAny: (v) => `to_jsonb(${v.any()})`,
  build: (v) => `jsonb_build_object('a', ${v.any()}, 'b', ${v.any()})`,
  member: (v) => `(${v('json')} -> 'k')`,
  set: (v) => `jsonb_set(${v('json')}, '{z}', ${v('json')})`,
  without: (v) => `(to_jsonb(${v.row()}) - '${v.pick(['email', 'id', 'diary'])}')`,
  aggregate(v) {
    const { values, from } = v.apart('int', 'text')
    return `(SELECT jsonb_object_agg(coalesce(${values[0]}, 0), ${values[1]}) FROM ${from})`
  },
}

const TEXTS: Makers = {
  array: (v) => `ARRAY[${v('text')}, ${v('text')}]`,
  split: (v) => `string_to_array(${v('text')}, 'e')`,
  append: (v) => `array_append(${v('texts')}, ${v('text')})`,
  ofQuery: (v) => `ARRAY(${v.query('text')})`,
  letters: (v) => `regexp_split_to_array(${v('text')}, '')`,
  aggregate(v) {
    const { values, from } = v.apart('text')
    return `(SELECT array_agg(${values[0]}) FROM ${from})`
  },
}

const ROW: Makers = {
  made: (v) => `ROW(${v('text')}, ${v('int')})::spot`,
  populated: (v) => `jsonb_populate_record(NULL::spot, jsonb_build_object('street', ${v('text')}))`,
}

const RANGE: Makers = {
  made: (v) => `text_range(least(${v('text')}, 'zz'), NULL)`,
  joined: (v) => `range_merge(${v('range')}, ${v('range')})`,
}

/** How a value of each type can be made of others. */
export const MAKERS: Readonly<Record<ValueType, Makers>> = {
  text: TEXT_MAKERS,
  int: INT,
  bool: BOOL,
  json: DOCUMENT,
  texts: TEXTS,
  row: ROW,
  range: RANGE,
}
