import type { ObjectPath } from '../../../core/object.ts'
import type { BodyOf, NodeKind } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'
import { compareFlow, compareNamed, namedColumns } from '../reading/comparisons.ts'
import { belongsToRelation, objectPaths, rangePath } from '../reading/objects.ts'
import { createRecord } from '../reading/record.ts'
import { UNKNOWN } from '../reading/sources.ts'
import { DATABASE_DEFINITIONS } from './ddl-database.ts'
import { SCHEMA_DEFINITIONS } from './ddl-schemas.ts'
import type { Definition, Definitions } from './ddl-types.ts'
import { ownScope, walkDefinition } from './definitions.ts'
import type { Judged } from './judged.ts'
import { DATABASE_CHANGED, done } from './judged.ts'

/** Statements that make, change or drop one kind of thing, and do nothing else worth telling. */
export const DEFINITIONS: Definitions = { ...SCHEMA_DEFINITIONS, ...DATABASE_DEFINITIONS }

function touched(
  touches: 'names' | 'nothing' | undefined,
  objects: readonly ObjectPath[],
): Pick<Judged, 'touches'> {
  if (touches === undefined) return {}
  return { touches: touches === 'names' ? objects : [] }
}

const PLAIN_DROPS = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE'])

/** DROP; with CASCADE nobody knows what goes. */
export function drop(a: Analysis, body: BodyOf<'DropStmt'>): Judged {
  const type = body.removeType ?? ''
  const paths = (body.objects ?? []).flatMap((node) => objectPaths(a, type, node))
  // What belongs to a table goes without it.
  const action = belongsToRelation(type) ? 'sql.ddl.alter' : 'sql.ddl.drop'
  for (const path of paths) {
    a.collector.access(action, path, 'required')
    if (action === 'sql.ddl.drop') a.collector.take(path)
  }
  const cascades = body.behavior === 'DROP_CASCADE'
  if (cascades) a.collector.access('sql.ddl.drop', [a.catalog.database], 'required')
  const judged = done('DROP', DATABASE_CHANGED)
  const plain = PLAIN_DROPS.has(type) && !cascades
  return plain ? { ...judged, touches: paths, drops: true } : judged
}

/** None of it is an access to the relations' columns: only what it could tell of them counts. */
function compareOwn(
  a: Analysis,
  body: object,
  except: ReadonlySet<string>,
  of: readonly BodyOf<'RangeVar'>[],
): void {
  const record = createRecord(a)
  const aside = a.within(record.collector)
  const scope = ownScope(aside, of)
  const flow = walkDefinition(aside, body, except, scope)
  a.collector.predicate(flow)
  compareFlow(a, flow)
  for (const column of record.predicates()) a.collector.compare(column)
  for (const range of of) {
    const item = scope.items.find(({ name }) => name === range.relname)
    compareNamed(a, namedColumns(body), item, rangePath(aside, range))
  }
}

/** Judges a statement of the table above. */
export function define<K extends NodeKind>(
  a: Analysis,
  definition: Definition<K>,
  body: BodyOf<K>,
): Judged {
  const objects = definition.objects(a, body)
  for (const object of objects) {
    a.collector.access(definition.action, object, 'required')
  }
  const named = new Set(definition.named)
  const flow = walkDefinition(a, body as object, named)
  a.collector.predicate(flow)
  compareFlow(a, flow)
  const of = definition.of?.(body) ?? []
  if (of.length > 0) compareOwn(a, body as object, named, of)
  if (definition.compares?.(body) === true) a.collector.compare([a.catalog.database])
  const run = definition.runs?.(body)
  for (const path of run === undefined ? [] : objectPaths(a, 'OBJECT_FUNCTION', run)) {
    const own = path[1] === 'pg_catalog'
    a.collector.access('sql.execute', path, own ? 'implied' : 'required')
  }
  const place = objects[0] ?? [a.catalog.database]
  const shows = definition.shows?.(body)
  if (shows !== undefined) a.collector.define(shows === 'flow' ? flow : UNKNOWN, place)
  return {
    ...done(definition.kind, DATABASE_CHANGED),
    ...(definition.secret === true ? { secret: true } : {}),
    ...touched(definition.touches, objects),
  }
}
