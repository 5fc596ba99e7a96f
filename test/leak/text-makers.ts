import type { Makers } from './shapes.ts'

/** Expressions of type text: everything that moves, encodes, cuts or hides the letters of a value. */
export const TEXT_MAKERS: Makers = {
  upper: (v) => `upper(${v('text')})`,
  reverse: (v) => `reverse(${v('text')})`,
  concat: (v) => `(${v('text')} || ${v('text')})`,
  substr: (v) => `substr(${v('text')}, ${1 + v.below(5)})`,
  replace: (v) => `replace(${v('text')}, 'e', '')`,
  encode: (v) =>
    `encode(convert_to(${v('text')}, 'UTF8'), '${v.pick(['hex', 'base64', 'escape'])}')`,
  utf8Bytes: (v) => `convert_to(${v('text')}, 'UTF8')::text`,
  translate: (v) => `translate(${v('text')}, 'abcdefghij', 'bcdefghija')`,
  interleave: (v) => `regexp_replace(${v('text')}, '(.)', '\\1_', 'g')`,
  format: (v) => `format('%s/%L', ${v.any()}, ${v('text')})`,
  concatWs: (v) => `concat_ws('-', ${v.any()}, ${v.any()})`,
  coalesce: (v) => `coalesce(nullif(${v('text')}, 'x'), ${v('text')})`,
  greatest: (v) => `greatest(${v('text')}, ${v('text')})`,
  case: (v) => `CASE WHEN ${v('bool')} THEN ${v('text')} ELSE 'no' END`,
  caseValue: (v) => `CASE ${v('text')} WHEN ${v('text')} THEN ${v('text')} END`,
  arrayToString: (v) => `array_to_string(${v('texts')}, '+')`,
  element: (v) => `(${v('texts')})[${1 + v.below(2)}]`,
  slice: (v) => `(${v('texts')})[1:2]::text`,
  jsonPath: (v) => `(${v('json')} #>> '{${v.pick(['k', 'email', 'name', 'n,1'])}}')`,
  jsonArrow: (v) => `(${v('json')} ->> '${v.pick(['k', 'email', 'name', 'street'])}')`,
  jsonText: (v) => `(${v('json')})::text`,
  jsonQuery: (v) => `jsonb_path_query_first(${v('json')}, '$.*')::text`,
  rowText: (v) => `${v.row()}::text`,
  anyText: (v) => `${v.any()}::text`,
  field: (v) => `(${v('row')}).street`,
  rangeBound: (v) => `${v.pick(['lower', 'upper'])}(${v('range')})`,
  xml: (v) => `xmlelement(name x, ${v('text')})::text`,
  xmlForest: (v) => `xmlforest(${v('text')} AS a, ${v.any()} AS b)::text`,
  quote: (v) => `${v.pick(['quote_literal', 'quote_ident', 'quote_nullable'])}(${v('text')})`,
  md5: (v) => `md5(${v('text')})`,
  ownMirror: (v) => `mirrored(${v('text')})`,
  ownReader: (v) => `secret_of(${v('int')})`,
  vector: (v) => `to_tsvector('simple', ${v('text')})::text`,
  headline: (v) => `ts_headline('simple', ${v('text')}, to_tsquery('simple', 'k'))`,
  typeName: (v) => `pg_typeof(${v.any()})::text`,
  collate: (v) => `(${v('text')} COLLATE "C")`,
  chars: (v) => `${v('text')}::varchar(${1 + v.below(30)})::text`,
  aggregate(v) {
    const { values, from } = v.apart('text')
    return `(SELECT string_agg(${values[0]}, '~') FROM ${from})`
  },
  orderedSet(v) {
    const { values, from } = v.apart('text')
    return `(SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ${values[0]}) FROM ${from})`
  },
  scalarQuery: (v) => `(SELECT o FROM (${v.query('text')}) q(o) LIMIT 1)`,
  setting: (v) => `set_config('work_mem', '4MB', true) || ${v('text')}`,
}
