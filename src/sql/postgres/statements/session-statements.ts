import type { Outputs } from '../../../core/operation.ts'
import type { Classified, Effect } from '../../classification.ts'
import { refuse } from '../../refuse.ts'
import { fingerprint } from '../parse/fingerprint.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { bodyOf, kindOf } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import { createRecord } from '../reading/record.ts'
import { LOOSE_SCOPE } from '../reading/scope.ts'
import type { SettingValue } from '../reading/settings.ts'
import { changeSetting, holdsAnything } from '../reading/settings.ts'
import { mergeAll, onlyDerived, sourcesOf } from '../reading/sources.ts'
import { APPLICATION_NAME, setApplicationName, showApplicationName } from './application-name.ts'
import type { Judged, StatementContext } from './judged.ts'
import { DATABASE_CHANGED, done, SESSION_CHANGED } from './judged.ts'
import { classified } from './operation.ts'

/** PREPARE is what it prepares, judged now so that a refusal comes early. */
export function prepare(
  a: Analysis,
  body: BodyOf<'PrepareStmt'>,
  context: StatementContext,
): Judged {
  const madeBy = context.text()
  const text = preparedText(a, madeBy)
  const statement = judgeApart(a, body.query!, context)
  computes(a, statement)
  return done('PREPARE', [{ type: 'prepare', name: body.name ?? '', text, madeBy, statement }])
}

/** DECLARE runs the query; FETCH reads from it. WITH HOLD, COMMIT reads it whole. */
export function declare(
  a: Analysis,
  body: BodyOf<'DeclareCursorStmt'>,
  context: StatementContext,
): Judged {
  const query = judgeApart(a, body.query!, context)
  computes(a, query)
  // It writes nothing, so that nothing of it is put off.
  const effects = query.statements
    .flatMap((statement) => statement.effects)
    .map((effect): Effect => (effect.type === 'code' ? { type: 'code' } : effect))
  const cursor = body.portalname ?? ''
  const hold = ((body.options ?? 0) & CURSOR_OPT_HOLD) !== 0
  return done('DECLARE CURSOR', [
    ...effects,
    { type: 'declare', cursor, text: context.text(), query, hold },
  ])
}

/** No row comes back yet, but what its columns are computed from is read, and the computation may fail. */
function computes(a: Analysis, { operation }: Classified): void {
  for (const outputs of operation.results) {
    if (typeof outputs === 'string') continue
    for (const output of outputs) a.collector.computed(onlyDerived(a, sourcesOf(output)))
  }
}

/** nodes/parsenodes.h */
const CURSOR_OPT_HOLD = 0x0020

/** Judges a statement in a record of its own, and takes over what it does. */
export function judgeApart(a: Analysis, node: Node, context: StatementContext): Classified {
  const record = createRecord(a)
  const judged = context.judge(a.within(record.collector), node)
  const result = classified(a, [{ judged, record }], fingerprint([node]), a.catalog.database)
  a.collector.absorb(result.operation)
  // It was resolved now, so nothing earlier in the same text may change what its names mean.
  for (const name of record.resolved()) a.collector.resolved(name)
  if (record.placed()) a.collector.placed()
  return result
}

/** The text after AS: the statement that the name will stand for. */
function preparedText(a: Analysis, text: string): string {
  const tokens = a.parser.scan(text) ?? []
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(') depth++
    else if (token.text === ')') depth--
    else if (depth === 0 && token.text.toLowerCase() === 'as') {
      return Buffer.from(text).subarray(token.end).toString('utf8').trim()
    }
  }
  return refuse('SQL_UNSUPPORTED', 'The prepared statement cannot be found in its text.', '')
}

export function execute(a: Analysis, body: BodyOf<'ExecuteStmt'>): Judged {
  const prepared = a.names.prepared(body.name ?? '')
  if (prepared === undefined) return unknownName('prepared statement')
  a.collector.absorb(prepared.operation)
  const flows = (body.params ?? []).map((node) => a.expression(node, LOOSE_SCOPE))
  const traced = flows.every((flow) => flow.length === 0)
  // What a parameter is used for is not followed, so it counts as written.
  if (!prepared.operation.facts.readOnly) a.collector.copy(mergeAll(a, flows), [a.catalog.database])
  const outputs: Outputs = prepared.operation.results[0] ?? 'none'
  return done('EXECUTE', repeated(prepared), traced || outputs === 'none' ? outputs : 'unknown')
}

/** What running a prepared statement, or more of a cursor's query, changes. */
function repeated(prepared: Classified): Effect[] {
  return prepared.statements
    .flatMap((statement) => statement.effects)
    .filter((effect) => effect.type === 'catalog' || effect.type === 'code')
}

export function fetch(a: Analysis, body: BodyOf<'FetchStmt'>): Judged {
  const query = a.names.cursor(body.portalname ?? '')
  if (query === undefined) return unknownName('cursor')
  a.collector.absorb(query.operation)
  // The query runs as rows are asked for.
  const effects = repeated(query).map((effect): Effect => {
    return effect.type === 'code' ? { ...effect, spares: body.portalname ?? '' } : effect
  })
  if (body.ismove === true) return done('MOVE', effects)
  const outputs = query.operation.results[0] ?? 'unknown'
  return { ...done('FETCH', effects, outputs), cursor: body.portalname ?? '' }
}

function unknownName(what: string): never {
  return refuse(
    'SQL_UNRESOLVED',
    `The statement refers to a ${what} that this connection has not made.`,
    `Make the ${what} on this connection first.`,
  )
}

export function close(_: Analysis, body: BodyOf<'ClosePortalStmt'>): Judged {
  return done('CLOSE CURSOR', [{ type: 'close', cursor: body.portalname }])
}

export function deallocate(_: Analysis, body: BodyOf<'DeallocateStmt'>): Judged {
  return done('DEALLOCATE', [{ type: 'deallocate', name: body.name }])
}

export function discard(a: Analysis, body: BodyOf<'DiscardStmt'>): Judged {
  a.collector.access('sql.discard', [a.catalog.database], 'implied')
  if (body.target === 'DISCARD_ALL')
    return done('DISCARD', [{ type: 'discard' }, ...SESSION_CHANGED, NAMED_AS_AT_START])
  return done('DISCARD', body.target === 'DISCARD_TEMP' ? SESSION_CHANGED : [])
}

/** RESET ALL undoes it, too, and so does DISCARD ALL. */
const NAMED_AS_AT_START: Effect = { type: 'application-name', name: undefined, isLocal: false }

const UNDOING = new Set(['TRANS_STMT_ROLLBACK', 'TRANS_STMT_ROLLBACK_TO'])
const TWO_PHASE = new Set([
  'TRANS_STMT_PREPARE',
  'TRANS_STMT_COMMIT_PREPARED',
  'TRANS_STMT_ROLLBACK_PREPARED',
])

export function transaction(a: Analysis, body: BodyOf<'TransactionStmt'>): Judged {
  const kind = body.kind ?? ''
  const label = kind.replace('TRANS_STMT_', '').replaceAll('_', ' ')
  const { database } = a.catalog
  if (TWO_PHASE.has(kind)) {
    a.collector.access('sql.transaction.prepared', [database], 'required')
    const undone: Effect = { type: 'rollback', partial: false }
    if (kind === 'TRANS_STMT_PREPARE') return done('PREPARE TRANSACTION', [undone])
    return done(label, [undone, ...DATABASE_CHANGED])
  }
  a.collector.access('sql.transaction', [database], 'implied')
  const partial = kind === 'TRANS_STMT_ROLLBACK_TO'
  const judged = done(label, UNDOING.has(kind) ? [{ type: 'rollback', partial }] : [])
  return kind === 'TRANS_STMT_COMMIT' ? { ...judged, commits: true } : judged
}

export function set(a: Analysis, body: BodyOf<'VariableSetStmt'>): Judged {
  const { database } = a.catalog
  if (body.kind === 'VAR_RESET_ALL') {
    a.collector.access('sql.set', [database, 'setting', 'all'], 'implied')
    return done('RESET', [...SESSION_CHANGED, NAMED_AS_AT_START])
  }
  // SET TRANSACTION, SET SESSION CHARACTERISTICS, SET TRANSACTION SNAPSHOT.
  if (body.kind === 'VAR_SET_MULTI') {
    a.collector.access('sql.transaction', [database], 'implied')
    return done('SET TRANSACTION')
  }
  const name = body.name ?? ''
  if (name.toLowerCase() === APPLICATION_NAME) {
    return setApplicationName(a, settingValue(body), body.is_local === true)
  }
  changeSetting(a, name, settingValue(body))
  return done(body.kind === 'VAR_RESET' ? 'RESET' : 'SET')
}

export function settingValue(body: BodyOf<'VariableSetStmt'>): SettingValue {
  if (body.kind !== 'VAR_SET_VALUE') return { type: 'initial' }
  const text = body.args?.length === 1 ? settingText(body.args[0]!) : undefined
  return text === undefined ? { type: 'unseen' } : { type: 'constant', text }
}

function settingText(node: Node): string | undefined {
  if (kindOf(node) !== 'A_Const') return undefined
  const constant = bodyOf(node, 'A_Const')!
  if (constant.sval !== undefined) return constant.sval.sval ?? ''
  return constant.ival === undefined ? undefined : String(constant.ival.ival ?? 0)
}

export function show(a: Analysis, body: BodyOf<'VariableShowStmt'>): Judged {
  const name = body.name ?? ''
  if (name.toLowerCase() === APPLICATION_NAME) return showApplicationName(a)
  const own = holdsAnything(name)
  a.collector.access(
    'sql.show',
    [a.catalog.database, 'setting', name.toLowerCase()],
    own ? 'required' : 'implied',
  )
  const names = name === 'all' ? ['name', 'setting', 'description'] : [name]
  return done(
    'SHOW',
    [],
    names.map((column) => ({ name: column, sources: own ? 'unknown' : [] })),
  )
}
