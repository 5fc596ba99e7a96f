import { ChaperoneError } from '../../core/errors.ts'
import type { Access } from '../../core/operation.ts'
import type { Classification, NameScope, Refused } from '../classification.ts'
import type { QualifiedName } from '../lookup.ts'
import { refuse, refuseKind } from '../refuse.ts'
import type { CatalogScope } from './catalog/catalog.ts'
import type { ColumnIndex } from './catalog/column-index.ts'
import type { Relation } from './catalog/facts.ts'
import type { Budget } from './parse/budget.ts'
import { budgetFor } from './parse/budget.ts'
import { fingerprint } from './parse/fingerprint.ts'
import { LOOKUP_NAMES_MAX } from './parse/limits.ts'
import type { QueryNames } from './parse/output-names.ts'
import type { Parsed, Parser, RawStatement, Unparsed } from './parse/parser.ts'
import { loadParser } from './parse/parser.ts'
import type { Span } from './parse/secrets.ts'
import { withoutSecrets } from './parse/secrets.ts'
import type { Node } from './parse/tree.ts'
import { bodyOf, tagOf } from './parse/tree.ts'
import type { Analysis, Collector, Expansion, Rows, Scope } from './reading/analysis.ts'
import { expression } from './reading/expressions.ts'
import { createRecord } from './reading/record.ts'
import { select } from './reading/select.ts'
import { withSettingRenamed } from './statements/application-name.ts'
import type { Judged, StatementContext } from './statements/judged.ts'
import { mergeInto } from './statements/merge-statement.ts'
import { insert, remove, update } from './statements/modify.ts'
import type { Finding } from './statements/operation.ts'
import { classified } from './statements/operation.ts'
import { createSequence } from './statements/sequence-of-statements.ts'
import { judge } from './statements/statements.ts'

const parser = await loadParser()

/** By the parser of this process. */
export const parse: Parser['parse'] = (text) => parser.parse(text)

/**
 * What a text of SQL would do, as the target's catalog stands in `scope`. Pure: when names are
 * missing it says which, and the caller teaches the scope and asks again. It never throws, and what
 * it does not understand is refused.
 */
export function classify(
  text: string,
  scope: CatalogScope,
  names: NameScope,
  budget: Budget = budgetFor(text.length),
  parsed: Parsed | Unparsed = parse(text),
): Classification {
  if (parsed.type === 'refused') return parsed
  const needs = createNeeds()
  try {
    const sequence = createSequence(names)
    const base = createBase(scope, sequence.names, needs, budget)
    let bytes: Buffer | undefined
    const cut = (raw: RawStatement) => statementText((bytes ??= Buffer.from(text)), raw)
    const findings = parsed.statements.map((raw) => {
      const finding = find(base, budget, cut, raw)
      sequence.follow(finding)
      return finding
    })
    if (needs.count() > 0 || lacksFacts(scope, parsed.statements)) return needs.lookup()
    const secret = findings.flatMap(({ judged }, at) =>
      judged.secret === true ? spanOf(parsed.statements[at]!) : [],
    )
    const secretless = withoutSecrets(parser, text, secret)
    const nodes = parsed.statements.map(({ node }) => node)
    const print = fingerprint(nodes, secretless !== undefined)
    const result = classified(budget, findings, print, scope.database, secretless)
    const renamed = parsed.statements.filter((_, at) => findings[at]!.judged.renamesSetting)
    if (renamed.length === 0) return result
    return { ...result, forwardedText: withSettingRenamed(parser, text, renamed) }
  } catch (error) {
    // What could not be resolved may be resolved once the missing names are known.
    if (isUnresolved(error) && needs.count() > 0) return needs.lookup()
    return refusal(error)
  }
}

/**
 * COMMIT and ROLLBACK need none, and a failed transaction answers no look-up. Nor does SET
 * TRANSACTION, before which no query may run. A BEGIN asks first, so that what follows need not.
 */
function lacksFacts(scope: CatalogScope, statements: readonly RawStatement[]): boolean {
  if (scope.facts !== undefined) return false
  return begins(statements[0]) || statements.some(({ node }) => !isOfTransaction(node))
}

function begins(statement: RawStatement | undefined): boolean {
  const kind = bodyOf(statement?.node, 'TransactionStmt')?.kind
  return kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START'
}

function isOfTransaction(node: Node): boolean {
  if (bodyOf(node, 'VariableSetStmt')?.kind === 'VAR_SET_MULTI') return true
  return tagOf(node) === 'TransactionStmt'
}

function isUnresolved(error: unknown): boolean {
  return error instanceof ChaperoneError && error.code === 'SQL_UNRESOLVED'
}

function find(
  base: Base,
  budget: Budget,
  cut: (raw: RawStatement) => string,
  raw: RawStatement,
): Finding {
  const record = createRecord(budget)
  const a = base(record.collector, 0)
  const context: StatementContext = {
    text: () => cut(raw),
    judge: (inner, node): Judged => judge(inner, node, context),
  }
  const judged = judge(a, raw.node, context)
  if (a.catalog.facts?.eventCode === true && record.accesses().some(firesEvents)) {
    record.collector.changes('code')
  }
  return { judged, record }
}

/** Event triggers are fired by definitions, and by some of what maintains tables. */
function firesEvents({ action }: Access): boolean {
  return /^sql\.(?:ddl\.|grant|revoke|maintain)/.test(action)
}

function statementText(bytes: Buffer, raw: RawStatement): string {
  const end = raw.length === 0 ? bytes.length : raw.start + raw.length
  return bytes.subarray(raw.start, end).toString('utf8')
}

type Base = (collector: Collector, viewDepth: number) => Analysis

function createBase(catalog: CatalogScope, names: NameScope, needs: Needs, budget: Budget): Base {
  const queryNames: QueryNames = new WeakMap()
  const inPolicies = new Set<Relation>()
  const unfinished = new Map<Relation, Expansion>()
  const columnIndexes = new WeakMap<readonly object[], ColumnIndex>()
  const base: Base = (collector, viewDepth) => {
    const a: Analysis = {
      parser,
      catalog,
      names,
      collector,
      viewDepth,
      queryNames,
      inPolicies,
      needRelation: needs.relation,
      needRoutine: needs.routine,
      needWritten: needs.written,
      needCount: needs.count,
      unfinished,
      needAgain: needs.again,
      charge: budget.charge,
      columnIndexes,
      expression: (node, scope) => expression(a, node, scope),
      query: (node, outer) => query(a, node, outer),
      within: (inner) => base(inner, viewDepth + 1),
    }
    return a
  }
  return base
}

function query(a: Analysis, node: Node, outer: Scope | undefined): Rows {
  const kind = tagOf(node)
  switch (kind) {
    case 'SelectStmt':
      return select(a, bodyOf(node, 'SelectStmt')!, outer)
    case 'InsertStmt':
      return insert(a, bodyOf(node, 'InsertStmt')!, outer)
    case 'UpdateStmt':
      return update(a, bodyOf(node, 'UpdateStmt')!, outer)
    case 'DeleteStmt':
      return remove(a, bodyOf(node, 'DeleteStmt')!, outer)
    case 'MergeStmt':
      return mergeInto(a, bodyOf(node, 'MergeStmt')!, outer)
    default:
      return refuseKind(kind)
  }
}

type Needs = ReturnType<typeof createNeeds>

function createNeeds() {
  const relations = new Map<string, QualifiedName>()
  const routines = new Map<string, QualifiedName>()
  const written = new Map<string, QualifiedName>()
  // Every asking counts, also for what was asked for already: whoever asked has no answer yet.
  let asked = 0
  const add = (to: Map<string, QualifiedName>) => (name: QualifiedName) => {
    asked++
    to.set(`${name.schema ?? ''}\0${name.name}`, name)
    if (to.size > LOOKUP_NAMES_MAX) {
      refuse('SQL_TOO_LARGE', 'The statement names too many things.', 'Split it.')
    }
  }
  return {
    count: () => asked,
    again: () => void asked++,
    relation: add(relations),
    routine: add(routines),
    written: add(written),
    lookup: (): Classification => ({
      type: 'lookup',
      lookup: {
        relations: [...relations.values()],
        routines: [...routines.values()],
        ...(written.size === 0 ? {} : { written: [...written.values()] }),
      },
    }),
  }
}

function spanOf({ start, length }: RawStatement): Span {
  return { start, end: length === 0 ? Infinity : start + length }
}

function refusal(error: unknown): Refused {
  if (error instanceof ChaperoneError) {
    const { code, message, hint = '' } = error
    return { type: 'refused', denial: { code, message, hint } }
  }
  const message =
    error instanceof RangeError
      ? 'The statement nests too deeply to inspect.'
      : 'The statement could not be inspected.'
  const code = error instanceof RangeError ? 'SQL_TOO_LARGE' : 'SQL_UNSUPPORTED'
  return { type: 'refused', denial: { code, message, hint: 'Write the statement more simply.' } }
}
