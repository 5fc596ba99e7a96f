import type { CopyStream } from '../../classification.ts'
import { refuse } from '../../refuse.ts'
import type { Relation } from '../catalog/facts.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, texts } from '../parse/tree.ts'
import type { Analysis, Rows } from '../reading/analysis.ts'
import { NO_ROWS } from '../reading/analysis.ts'
import { noteReads } from '../reading/columns.ts'
import { relationItem } from '../reading/from.ts'
import { existingRelation } from '../reading/names.ts'
import { columnOf, scopeOf } from '../reading/scope.ts'
import { UNKNOWN } from '../reading/sources.ts'
import { touchRows } from '../reading/touch-rows.ts'
import type { Judged, StatementContext } from './judged.ts'
import { copyOutputs, outputsOf } from './judged.ts'
import { changedRelation } from './modify.ts'

/** COPY, to and from the client, a file or a program. */
export function copy(a: Analysis, body: BodyOf<'CopyStmt'>, context: StatementContext): Judged {
  const stream = copyStream(body)
  const { database } = a.catalog
  const beyond = body.is_program === true || body.filename !== undefined
  if (body.is_program === true) a.collector.access('sql.copy.program', [database], 'required')
  else if (beyond) a.collector.access('sql.copy.file', [database], 'required')
  if (body.is_from === true) {
    copyIn(a, body, beyond)
    return { kind: 'COPY', outputs: 'none', effects: [], ...(beyond ? {} : { copy: stream }) }
  }
  const { outputs, rows, effects } = copyOut(a, body, context)
  if (!beyond) return { kind: 'COPY', outputs, effects, copy: stream }
  copyOutputs(a, rows, () => [database])
  return { kind: 'COPY', outputs: 'none', effects }
}

function copyIn(a: Analysis, body: BodyOf<'CopyStmt'>, beyond: boolean): void {
  a.collector.unseen('data')
  const relation = changedRelation(a, body.relation!, 'insert')
  const item = relationItem(a, body.relation!, false)
  if (body.whereClause !== undefined) {
    const scope = { ...scopeOf([], undefined), items: [item] }
    a.collector.predicate(a.expression(body.whereClause, scope))
  }
  if (relation === undefined) return
  touchRows(a, 'sql.insert', relation, undefined)
  for (const name of columnNames(relation, body.attlist)) {
    touchRows(a, 'sql.insert', relation, name)
  }
  // What a file or a program holds, nobody knows.
  if (beyond) a.collector.copy(UNKNOWN, relation.path)
}

interface CopiedOut {
  readonly outputs: Judged['outputs']
  readonly rows: Exclude<Judged['outputs'], 'none'>
  readonly effects: Judged['effects']
}

function copyOut(a: Analysis, body: BodyOf<'CopyStmt'>, context: StatementContext): CopiedOut {
  if (body.query !== undefined) {
    const { outputs, effects } = context.judge(a, body.query)
    return { outputs, rows: outputs === 'none' ? [] : outputs, effects }
  }
  const relation = existingRelation(a, body.relation!)
  const rows = relation === undefined ? { ...NO_ROWS, open: UNKNOWN } : tableRows(a, body, relation)
  const outputs = outputsOf(a, rows)
  return { outputs, rows: outputs === 'none' ? [] : outputs, effects: [] }
}

function tableRows(a: Analysis, body: BodyOf<'CopyStmt'>, relation: Relation): Rows {
  const item = relationItem(a, body.relation!, true)
  const columns = columnNames(relation, body.attlist).map((name) => {
    const found = columnOf(a, item, name)
    if (found === undefined)
      return refuse('SQL_UNRESOLVED', `There is no column ${name}.`, 'Check the name.')
    noteReads(a, found.bases)
    return { name, sources: found.sources, bases: [] }
  })
  return { columns }
}

/** The listed columns, or all that COPY takes: generated ones are left out. */
function columnNames(relation: Relation, list: readonly Node[] | undefined): readonly string[] {
  if (list !== undefined) return texts(list)
  return relation.columns.filter((column) => !column.generated).map((column) => column.name)
}

/** Options that change nothing about how the stream reads. */
const NEUTRAL = new Set(
  'freeze force_quote force_not_null force_null on_error log_verbosity reject_limit default'.split(
    ' ',
  ),
)

/** How the stream is written (COPY, section Parameters). An option that is not known is refused. */
function copyStream(body: BodyOf<'CopyStmt'>): CopyStream {
  const options = new Map<string, Node | undefined>()
  for (const node of body.options ?? []) {
    const option = bodyOf(node, 'DefElem')
    if (option?.defname !== undefined) options.set(option.defname, option.arg)
  }
  const format = optionText(options.get('format')) ?? 'text'
  if (format !== 'text' && format !== 'csv' && format !== 'binary') {
    return refuse('SQL_UNSUPPORTED', 'The COPY format is not known.', 'Use text, csv or binary.')
  }
  for (const name of options.keys()) {
    if (!NEUTRAL.has(name) && !STREAM_OPTIONS.has(name)) {
      return refuse('SQL_UNSUPPORTED', `The COPY option ${name} is not known.`, 'Leave it out.')
    }
  }
  const encoding = optionText(options.get('encoding'))
  if (encoding !== undefined && !/^(utf-?8|unicode)$/i.test(encoding)) {
    return refuse('SQL_ENCODING', 'COPY can only be inspected in UTF-8.', 'Leave out ENCODING.')
  }
  const quote = optionText(options.get('quote')) ?? '"'
  return {
    direction: body.is_from === true ? 'in' : 'out',
    format,
    delimiter: optionText(options.get('delimiter')) ?? (format === 'csv' ? ',' : '\t'),
    nullText: optionText(options.get('null')) ?? (format === 'csv' ? '' : '\\N'),
    header: options.has('header') && isOn(options.get('header')),
    quote,
    escape: optionText(options.get('escape')) ?? quote,
    ...(body.is_from === true && !options.has('default') && !options.has('on_error')
      ? { readsInto: body.relation?.relname ?? '' }
      : {}),
  }
}

const STREAM_OPTIONS = new Set('format encoding delimiter null header quote escape'.split(' '))

/** The server takes numbers, `*` and lists for text as well (`DELIMITER 5`): those are refused. */
function optionText(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  const string = bodyOf(node, 'String')
  if (string !== undefined) return string.sval ?? ''
  return refuse(
    'SQL_UNSUPPORTED',
    'An option of COPY has a value that is no string.',
    "Write it in quotes, as in DELIMITER ';'.",
  )
}

/** A boolean option as `defGetBoolean` reads it; HEADER MATCH has a header as well. */
function isOn(node: Node | undefined): boolean {
  if (node === undefined) return true
  const boolean = bodyOf(node, 'Boolean')
  if (boolean !== undefined) return boolean.boolval === true
  const integer = bodyOf(node, 'Integer')
  if (integer !== undefined) return (integer.ival ?? 0) !== 0
  return !['false', 'off'].includes(optionText(node)?.toLowerCase() ?? '')
}
