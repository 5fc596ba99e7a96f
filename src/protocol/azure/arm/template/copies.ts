import type { ObjectPath } from '../../../../core/object.ts'
import type { Copy } from '../../../../core/operation.ts'
import type { Json } from '../../json.ts'
import { eachText, fieldOf, isList, isObject, textOf } from '../../json.ts'
import { COPIES_MAX } from '../../limits.ts'
import { isExpression } from './functions.ts'
import type { Level } from './level.ts'
import type { Reference } from './references.ts'
import { collectionOf, namedBy, referencesIn } from './references.ts'
import { scopeReadsIn } from './scopes.ts'

/**
 * What expressions put where it can be read by other names: in outputs, in the history of the deployment,
 * in other things. `own` are the things in the templates themselves. A field by itself is copied only where
 * it is sure to be one value, in an output of a plain type; else the whole thing is.
 */
export function copiesOfTemplates(
  levels: readonly Level[],
  own: readonly ObjectPath[],
  to: ObjectPath,
): readonly Copy[] {
  const found = new Map<string, Copy>()
  let isAnything = false
  const named = indexByName(own)
  const asked = new Set<string>()
  const put = (from: ObjectPath, whole: boolean) => {
    const copy: Copy = { from, to, defined: true, ...(whole ? { whole: true } : {}) }
    found.set(JSON.stringify([from, whole]), copy)
  }
  const putField = (object: ObjectPath, { field, isAlone }: Reference, isValue: boolean) =>
    isValue && isAlone ? put([...object, ...field], false) : put(object, true)
  const symbols = levels.some(({ template }) => !isList(fieldOf(template, 'resources')))
  const templates = new Set(levels.map(({ template }) => template))
  for (const { template, scope, charge } of levels) {
    eachExpression(template, templates, (text, isValue) => {
      charge(text.length)
      // What may be of anything is of all the others too.
      if (isAnything) return
      for (const one of referencesIn(text, scope.parameters)) {
        if (found.size > COPIES_MAX || one.of === 'unknown') isAnything = true
        else if (one.of === 'own') {
          const [name = ''] = one.names ?? []
          const objects = symbols ? own : (named.get(name) ?? own)
          // Many references to the same say no more than one, and may be of all that there is.
          const field = isValue && one.isAlone ? one.field : 'whole'
          const question = JSON.stringify([objects === own ? 'any' : [name], field])
          if (asked.has(question)) continue
          asked.add(question)
          for (const object of objects) if (found.size <= COPIES_MAX) putField(object, one, isValue)
        } else if (one.names === undefined) put(collectionOf(one, scope.object), true)
        else putField(namedBy(one, one.names, scope.object), one, isValue)
      }
      for (const { object, field } of isExpression(text) ? scopeReadsIn(text, scope.object) : []) {
        put([...object, ...field], true)
      }
    })
  }
  isAnything ||= found.size > COPIES_MAX
  return isAnything ? [{ from: 'unknown', to, defined: true }] : [...found.values()]
}

/** What is not found by the name that is told may be any of them. */
function indexByName(own: readonly ObjectPath[]): ReadonlyMap<string, readonly ObjectPath[]> {
  const index = new Map<string, ObjectPath[]>()
  for (const object of own) {
    const alike = index.get(object.at(-1) ?? '')
    if (alike === undefined) index.set(object.at(-1) ?? '', [object])
    else alike.push(object)
  }
  return index
}

type Visit = (text: string, isValue: boolean) => void

/** Every text, and whether what it makes is one value: the target refuses an output of another type. */
function eachExpression(value: Json, templates: ReadonlySet<Json>, visit: Visit): void {
  if (isList(value)) for (const one of value) eachExpression(one, templates, visit)
  else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) {
      visit(name, false)
      if (templates.has(value) && name.toLowerCase() === 'outputs') eachOutput(one, visit)
      else eachExpression(one, templates, visit)
    }
  } else if (typeof value === 'string') visit(value, false)
}

const PLAIN_TYPE = /^(string|int|bool)$/i

function eachOutput(outputs: Json, visit: Visit): void {
  for (const output of isObject(outputs) ? Object.values(outputs) : [outputs]) {
    const value = textOf(output, 'value')
    const isPlain = PLAIN_TYPE.test(textOf(output, 'type') ?? '')
    eachText(output, (text) => visit(text, isPlain && text === value))
  }
}
