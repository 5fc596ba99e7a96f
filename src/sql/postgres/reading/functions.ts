import type { QualifiedName } from '../../lookup.ts'
import { refuse } from '../../refuse.ts'
import type { Routine } from '../catalog/facts.ts'
import {
  HARMLESS_VOLATILE,
  RUNS_TEXT,
  SENSITIVE,
  SEQUENCE,
  SHOWS_DATA,
  TELLS_NOTHING,
} from '../catalog/function-facts.ts'
import { HARMLESS_STABLE } from '../catalog/stable-functions.ts'
import type { BodyOf, Node } from '../parse/tree.ts'
import { constantText, texts } from '../parse/tree.ts'
import type { Analysis } from './analysis.ts'
import { castNamed } from './hidden-calls.ts'
import { qualifiedName, relationNamed } from './names.ts'
import { changeSetting, holdsAnything } from './settings.ts'
import type { Sources } from './sources.ts'
import { ANYTHING, derived, merge, mergeAll, NOTHING, UNKNOWN } from './sources.ts'

export interface Call {
  readonly name: QualifiedName
  readonly arguments: readonly Node[]
  /** Those of WITHIN GROUP count as arguments as well. */
  readonly count: number
  /** What flows into each argument, and into all else of the call: FILTER, ORDER BY, OVER. */
  readonly flows: readonly Sources[]
  readonly aside: Sources
}

/** The routines a call may mean: all with a fitting number of arguments. Undefined: not known yet. */
export function candidates(
  a: Analysis,
  name: QualifiedName,
  count: number,
): readonly Routine[] | undefined {
  const known = routinesNamed(a, name)
  a.charge(known?.length ?? 0)
  return known?.filter(
    (r) => r.kind === 'p' || (r.argumentsMin <= count && count <= r.argumentsMax),
  )
}

/** Every overload of the name. Undefined: it will be known after the next look-up. */
export function routinesNamed(a: Analysis, name: QualifiedName): readonly Routine[] | undefined {
  a.collector.resolved(name.name)
  const known = a.catalog.routines(name)
  if (known === undefined) a.needRoutine(name)
  return known
}

/**
 * Writes down what a call does and tells what flows into its result. Which overload runs depends on
 * types that only the target knows, so all that fit are taken together.
 */
export function callRoutine(a: Analysis, call: Call): Sources {
  const found = candidates(a, call.name, call.count)
  const given = derived(a, mergeAll(a, [call.aside, ...call.flows]))
  if (found === undefined) return merge(a, given, UNKNOWN)
  // `type(value)` is a cast.
  const flow = call.count === 1 ? castNamed(a, call.name.name, given) : given
  if (found.length === 0) {
    // `field(row)` and `type(value)` are written like calls, and make no other value than theirs.
    if (call.count === 1) return flow
    return refuse(
      'SQL_UNRESOLVED',
      `There is no function ${call.name.name} with ${call.count} arguments.`,
      'Check the name, the arguments and the search_path.',
    )
  }
  let result = NOTHING
  const seen = new Set<string>()
  for (const routine of found) {
    const { schema, volatility, builtin: own, extension, makesRange } = routine
    const key = [schema, volatility, own, extension, makesRange].join('\0')
    if (seen.has(key)) continue
    seen.add(key)
    result = merge(a, result, one(a, routine, call, flow))
  }
  // How many rows it makes tells of its arguments, and of what it reads.
  if (found.some((routine) => routine.returnsSet)) a.collector.predicate(merge(a, flow, result))
  return result
}

function one(a: Analysis, routine: Routine, call: Call, flow: Sources): Sources {
  if (routine.builtin) return builtin(a, routine, call, flow)
  if (!routine.makesRange) return foreign(a, routine, flow)
  a.collector.access('sql.execute', routine.path, 'implied')
  return flow
}

function builtin(a: Analysis, routine: Routine, call: Call, flow: Sources): Sources {
  const { name, path } = routine
  if (RUNS_TEXT.has(name) || (name === 'ts_rewrite' && call.arguments.length === 2)) {
    return refuse(
      'SQL_UNSUPPORTED',
      `${name} runs a query that is given as text and cannot be inspected.`,
      'Run that query itself.',
    )
  }
  if (name === 'set_config') return setConfig(a, call)
  if (name === 'pg_notify') return notify(a, call)
  if (SEQUENCE.has(name)) return sequence(a, call, flow)
  if (name === 'current_setting') return merge(a, flow, ownSetting(a, call))
  if (SHOWS_DATA.has(name)) {
    a.collector.access('sql.execute', path, 'implied')
    return merge(a, flow, ANYTHING)
  }
  const unheardOf = routine.volatility === 'stable' && !HARMLESS_STABLE.has(name)
  if (SENSITIVE.has(name) || (unheardOf && routine.kind === 'f')) {
    a.collector.access('sql.execute', path, 'required')
    return merge(a, flow, UNKNOWN)
  }
  if (routine.volatility === 'volatile' && !HARMLESS_VOLATILE.has(name)) {
    a.collector.access('sql.execute', path, 'required')
    a.collector.copy(flow, path)
    return merge(a, flow, UNKNOWN)
  }
  a.collector.access('sql.execute', path, 'implied')
  if (!TELLS_NOTHING.has(name)) return flow
  // It is computed all the same, and may fail.
  a.collector.computed(flow)
  return NOTHING
}

/**
 * A user's function may read and write anything, whatever it declares; an extension's immutable one
 * is taken at its word.
 */
function foreign(a: Analysis, routine: Routine, flow: Sources): Sources {
  a.collector.access('sql.execute', routine.path, 'required')
  if (routine.volatility === 'volatile') {
    a.collector.copy(flow, routine.path)
    a.collector.changes('code')
  }
  return routine.extension && routine.volatility === 'immutable' ? flow : merge(a, flow, UNKNOWN)
}

function setConfig(a: Analysis, call: Call): Sources {
  const [nameNode, valueNode] = call.arguments
  const name = constantText(nameNode)
  if (name === undefined) {
    return refuse(
      'SQL_UNSUPPORTED',
      'set_config with a name that is not a constant cannot be judged.',
      'Write the name of the setting as a constant.',
    )
  }
  const text = constantText(valueNode)
  changeSetting(a, name, text === undefined ? { type: 'unseen' } : { type: 'constant', text })
  const flow = derived(a, mergeAll(a, call.flows))
  a.collector.copy(flow, [a.catalog.database, 'setting', name.toLowerCase()])
  return flow
}

function ownSetting(a: Analysis, call: Call): Sources {
  const name = constantText(call.arguments[0])?.toLowerCase()
  if (name !== undefined && !holdsAnything(name)) return NOTHING
  const { database } = a.catalog
  a.collector.access(
    'sql.show',
    name === undefined ? [database] : [database, 'setting', name],
    'required',
  )
  return UNKNOWN
}

function notify(a: Analysis, call: Call): Sources {
  const channel = constantText(call.arguments[0])
  const { database } = a.catalog
  const object = channel === undefined ? [database] : [database, 'channel', channel]
  a.collector.access('sql.notify', object, 'required')
  a.collector.copy(mergeAll(a, call.flows), object)
  return NOTHING
}

/** `setval` puts a value where `last_value` shows it, and returns it. */
function sequence(a: Analysis, call: Call, flow: Sources): Sources {
  const spelled = constantText(call.arguments[0])
  const name = spelled === undefined ? undefined : parseName(spelled)
  const relation = name === undefined ? undefined : relationNamed(a, name)
  if (relation === undefined || relation === 'absent') {
    const { database } = a.catalog
    a.collector.access('sql.sequence', [database], 'required', 'all')
    a.collector.copy(flow, [database])
  } else {
    a.collector.touch('sql.sequence', relation, undefined)
    a.collector.copy(flow, relation.path)
  }
  return flow
}

/** A name as text, as `regclass` reads it; undefined where it is not plainly one. */
function parseName(spelled: string): QualifiedName | undefined {
  const parts = [...spelled.matchAll(/(?:^|\.)(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))/gu)]
  if (parts.map((part) => part[0]).join('') !== spelled) return undefined
  const names = parts.map(([, quoted, plain]) =>
    quoted === undefined
      ? (plain ?? '').replace(/[A-Z]/g, (c) => c.toLowerCase())
      : quoted.replaceAll('""', '"'),
  )
  const [first, second] = names
  if (first === undefined || names.length > 2) return undefined
  return second === undefined ? { name: first } : { schema: first, name: second }
}

export function callName(a: Analysis, call: BodyOf<'FuncCall'>): QualifiedName {
  return qualifiedName(a, texts(call.funcname), 'function')
}
