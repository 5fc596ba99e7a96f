import { hash } from 'node:crypto'
import type { Node, Tree } from './tree.ts'
import { isTree } from './tree.ts'

const HEX_DIGITS = 32

/**
 * What statements that differ in their values alone have in common, as 32 hexadecimal digits: the
 * beginning of the SHA-256 of the parse tree, of which docs/records.md says what counts. It is the
 * same everywhere, for as long as PostgreSQL's grammar makes the same trees. `withSecrets`: strings
 * may be passwords, also where the grammar has no constant, and do not count either.
 */
export function fingerprint(statements: readonly Node[], withSecrets = false): string {
  const shapes = statements.map((node) => structure(node, 'statement', withSecrets))
  return hash('sha256', shapes.join(''), 'hex').slice(0, HEX_DIGITS)
}

/** No statement holds this character, so what it ends cannot be taken for structure. */
const END = '\0'

/** `under`: what the value belongs to. */
function shapeOf(value: unknown, under: string, withSecrets: boolean): string {
  if (Array.isArray(value)) return list(value, under, withSecrets)
  if (isTree(value)) return structure(value, under, withSecrets)
  return String(value) + END
}

/** Like items in a row count once, so that lists of two values and of a hundred are alike. */
function list(items: readonly unknown[], under: string, withSecrets: boolean): string {
  let shape = '['
  let last: string | undefined
  for (const item of items) {
    const next = shapeOf(item, under, withSecrets)
    if (next !== last) shape += next
    last = next
  }
  return shape + ']'
}

function structure(tree: Tree, under: string, withSecrets: boolean): string {
  let shape = '{'
  for (const field in tree) {
    switch (roleOf(field, under, withSecrets)) {
      case 'place':
      case 'label':
        break
      case 'value':
        shape += '?'
        break
      case undefined:
        shape += field + ':' + shapeOf(tree[field], belonging(field, under), withSecrets)
    }
  }
  return shape + '}'
}

type Role = 'value' | 'place' | 'label'

/** Kinds of nodes and fields that do not count as they are. */
const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['A_Const', 'value'],
  ['ParamRef', 'value'],
  ['howMany', 'value'], // of FETCH and MOVE
  ['comment', 'value'],
  ['payload', 'value'], // of NOTIFY
  ['conninfo', 'value'], // of subscriptions
  ['location', 'place'],
  ['name_location', 'place'],
  ['stmt_location', 'place'],
  ['stmt_len', 'place'],
  ['list_start', 'place'],
  ['list_end', 'place'],
  ['rexpr_list_start', 'place'],
  ['rexpr_list_end', 'place'],
  ['portalname', 'label'],
  ['savepoint_name', 'label'],
])

function roleOf(field: string, under: string, withSecrets: boolean): Role | undefined {
  if (field === 'name') return LABELLED.has(under) ? 'label' : undefined
  if (field === 'sval') return withSecrets ? 'value' : undefined
  return ROLES.get(field)
}

/** A column of rows that go to the client or to another statement. */
const OUTPUT = 'an output'
const OUTPUTS = 'outputs'

/** What sessions call their own things, which says nothing of what is done. */
const LABELLED: ReadonlySet<string> = new Set([
  OUTPUT,
  'PrepareStmt',
  'ExecuteStmt',
  'DeallocateStmt',
])

/** Their targets are columns that are written to. */
const WRITING: ReadonlySet<string> = new Set(['UpdateStmt', 'onConflictClause', 'MergeWhenClause'])

/** What the parts of a field belong to: the field, or what it is there. */
function belonging(field: string, under: string): string {
  if (field === 'targetList') return WRITING.has(under) ? field : OUTPUTS
  if (field === 'exprs' && under === 'returningClause') return OUTPUTS
  return field === 'ResTarget' && under === OUTPUTS ? OUTPUT : field
}
