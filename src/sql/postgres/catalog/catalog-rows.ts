import { ChaperoneError } from '../../../core/errors.ts'
import type { ObjectPath } from '../../../core/object.ts'
import type {
  Answer,
  CatalogFacts,
  Column,
  Comparison,
  HiddenCall,
  Relation,
  Routine,
  RowPolicy,
} from './facts.ts'

/** A scalar function's column in FROM takes the alias's name, or else the function's. */
export const NAMED_BY_ALIAS = ''

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/** Reads the rows of `lookupQuery`. */
export function readRows(database: string, rows: readonly (readonly (string | null)[])[]): Answer {
  let facts: CatalogFacts | undefined
  const relations = new Map<number, Relation>()
  const routines = new Map<number, Routine[]>()
  const writes = new Map<number, boolean>()
  for (const [kind, position, json] of rows) {
    const body = parseObject(json)
    const index = Number(position ?? 0)
    if (kind === 'f') facts = readFacts(database, body)
    else if (kind === 'r') addRelation(relations, index, readRelation(database, body))
    else if (kind === 'p') {
      const overloads = routines.get(index) ?? []
      overloads.push(readRoutine(database, body))
      routines.set(index, overloads)
    } else if (kind === 'w') {
      // Of two that the name may mean, either may be written.
      writes.set(index, writes.get(index) === true || body['code'] !== false)
    } else throw nonsense()
  }
  return { facts, relations, routines, writes }
}

/** True if the rows tell of a temporary object, which only the session that asked has. */
export function tellsTemporary(rows: readonly (readonly (string | null)[])[]): boolean {
  return rows.some(([kind, , json]) => kind !== 'f' && parseObject(json)['temporary'] === true)
}

/** `pg_temp.t` may name a temporary table, and by accident of spelling another schema's. */
function addRelation(relations: Map<number, Relation>, index: number, relation: Relation): void {
  if (relations.get(index)?.schema !== 'pg_temp') relations.set(index, relation)
}

function readFacts(database: string, body: JsonObject): CatalogFacts {
  if (body['database'] !== database) throw nonsense()
  return {
    schemas: list(body['schemas']).map(text),
    operators: list(body['operators']).map((item) => readHidden(database, item)),
    casts: list(body['casts']).map((item) => readHidden(database, item)),
    hiddenCode: body['hiddenCode'] !== false,
    codeOfValues: body['codeOfValues'] !== false,
    codeOfTypes: list(body['codeOfTypes']).map(text),
    eventCode: body['eventCode'] !== false,
  }
}

function readHidden(database: string, item: Json): HiddenCall {
  const [by, schema, name, volatile] = list(item)
  const path = [database, text(schema), text(name)]
  return { by: text(by), path, volatile: volatile !== false }
}

function readRelation(database: string, body: JsonObject): Relation {
  const name = text(body['name'])
  const schema = schemaOf(body)
  const path = [database, schema, name]
  const behind = readBehind(database, body)
  return {
    oid: number(body['oid']),
    schema,
    name,
    path,
    kind: text(body['kind']),
    builtin: body['builtin'] === true,
    columns: list(body['columns']).map((item) => readColumn(path, item, behind)),
    ancestors: list(body['ancestors']).map((item) => [database, ...list(item).map(text)]),
    parts: list(member(body, 'family')['parts']).map((item) => [database, ...list(item).map(text)]),
    rules: typeof body['rules'] === 'string' ? body['rules'] : '',
    definition: textOrNone(body['definition']),
    constraints: list(body['constraints']).map(readComparison),
    triggers: list(body['triggers']).map(text),
    policies: list(body['policies']).map(readPolicy),
  }
}

function readComparison(item: Json): Comparison {
  const [withOthers, columns] = list(item)
  return { withOthers: withOthers === true, columns: list(columns).map(number) }
}

function readPolicy(item: Json): RowPolicy {
  const [command, mine, using, check] = list(item)
  return {
    command: text(command),
    mine: mine === true,
    using: textOrNone(using),
    check: textOrNone(check),
  }
}

/** What stands behind columns, by their names. */
interface Behind {
  readonly references: ReadonlyMap<string, readonly ObjectPath[]>
  readonly fills: ReadonlyMap<string, readonly string[]>
}

const NOTHING_BEHIND: Behind = { references: new Map(), fills: new Map() }

function readBehind(database: string, body: JsonObject): Behind {
  const family = member(body, 'family')
  const keys = [...list(body['references']), ...list(family['keys'])]
  const triggers = list(family['fills'])
  if (keys.length === 0 && triggers.length === 0) return NOTHING_BEHIND
  const references = new Map<string, ObjectPath[]>()
  for (const key of keys) {
    const [own, path] = list(key)
    const name = text(own)
    references.set(name, [...(references.get(name) ?? []), [database, ...list(path).map(text)]])
  }
  const fills = new Map<string, readonly string[]>()
  for (const trigger of triggers) {
    const [name = '', ...from] = triggerArguments(text(trigger))
    fills.set(name, [...(fills.get(name) ?? []), ...from])
  }
  return { references, fills }
}

/** `pg_trigger.tgargs`: each argument ends with a zero. */
function triggerArguments(hex: string): readonly string[] {
  return Buffer.from(hex, 'hex').toString('utf8').split('\0').slice(0, -1)
}

function readColumn(relation: readonly string[], item: Json, behind: Behind): Column {
  const [spelled, attnum, composite, generated, expression] = list(item)
  const name = text(spelled)
  return {
    name,
    attnum: number(attnum),
    path: [...relation, name],
    composite: composite === true,
    generated: generated !== '' && generated !== null,
    expression: textOrNone(expression),
    references: behind.references.get(name) ?? [],
    filledFrom: behind.fills.get(name) ?? [],
  }
}

/** The session's own temporary schema has a number that differs from session to session. */
function schemaOf(body: JsonObject): string {
  return body['temporary'] === true ? 'pg_temp' : text(body['schema'])
}

const VOLATILITIES: Readonly<Record<string, Routine['volatility']>> = {
  i: 'immutable',
  s: 'stable',
}

function volatilityOf(body: JsonObject): Routine['volatility'] {
  return VOLATILITIES[text(body['volatility'])] ?? 'volatile'
}

function readRoutine(database: string, body: JsonObject): Routine {
  const schema = schemaOf(body)
  const name = text(body['name'])
  const count = number(body['arguments'])
  const variadic = body['variadic'] === true
  return {
    schema,
    name,
    path: [database, schema, name],
    builtin: body['builtin'] === true,
    extension: body['extension'] === true,
    makesRange: body['makesRange'] === true,
    kind: text(body['kind']),
    volatility: body['changesSession'] === true ? 'volatile' : volatilityOf(body),
    argumentsMin: count - number(body['defaults']) - (variadic ? 1 : 0),
    argumentsMax: variadic ? Infinity : count,
    returnsSet: body['set'] === true,
    columns: readOutColumns(body),
  }
}

/** Types that make one column: base, enum, range, multirange. */
const SCALAR_TYPES = new Set(['b', 'e', 'r', 'm'])

function readOutColumns(body: JsonObject): readonly string[] | undefined {
  const modes = list(body['argumentModes'])
  const names = list(body['argumentNames'])
  const outs = modes.flatMap((mode, index) =>
    mode === 'o' || mode === 'b' || mode === 't' ? [names[index]] : [],
  )
  if (outs.length > 1) return outs.map((out, i) => outName(out, i))
  // A single one makes as many columns as its type has.
  if (!SCALAR_TYPES.has(text(body['returns']))) return undefined
  return outs.length === 1 && typeof outs[0] === 'string' && outs[0] !== ''
    ? [outs[0]]
    : [NAMED_BY_ALIAS]
}

function outName(name: Json | undefined, index: number): string {
  return typeof name === 'string' && name !== '' ? name : `column${index + 1}`
}

function parseObject(json: string | null | undefined): JsonObject {
  if (typeof json !== 'string') throw nonsense()
  try {
    const value = JSON.parse(json) as Json
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as JsonObject
    }
  } catch {
    // Falls through to the one error.
  }
  throw nonsense()
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function member(body: JsonObject, name: string): JsonObject {
  const value = body[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {}
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw nonsense()
  return value
}

function textOrNone(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function number(value: Json | undefined): number {
  if (typeof value !== 'number') throw nonsense()
  return value
}

function nonsense(): ChaperoneError {
  return new ChaperoneError(
    'TARGET_PROTOCOL',
    "The target's answer about its catalog is malformed.",
  )
}
