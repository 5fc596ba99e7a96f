import type { ObjectPath } from '../../core/object.ts'
import type { Copy } from '../../core/operation.ts'
import type { Json } from './json.ts'
import { eachText, fieldOf, isList, isObject, textOf } from './json.ts'
import { COPIES_MAX } from './limits.ts'
import type { TemplateScope } from './template.ts'
import { isExpression } from './template-functions.ts'
import type { Reference } from './template-references.ts'
import { collectionOf, namedBy, referencesIn } from './template-references.ts'
import { scopeReadsIn } from './template-scopes.ts'

/** A template, and where its resources go. */
export interface Level {
  readonly template: Json
  readonly scope: TemplateScope
  /** Its expressions are worked out in the template around it, and what comes out of them is again. */
  readonly isAgain: boolean
}

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
  const put = (from: ObjectPath, whole: boolean) => {
    const copy: Copy = { from, to, defined: true, ...(whole ? { whole: true } : {}) }
    found.set(JSON.stringify([from, whole]), copy)
  }
  const putField = (object: ObjectPath, { field, isAlone }: Reference, isValue: boolean) =>
    isValue && isAlone ? put([...object, ...field], false) : put(object, true)
  const symbols = levels.some(({ template }) => !isList(fieldOf(template, 'resources')))
  const templates = new Set(levels.map(({ template }) => template))
  for (const { template, scope } of levels) {
    eachExpression(template, templates, (text, isValue) => {
      // What may be of anything is of all the others too.
      if (isAnything) return
      for (const one of referencesIn(text, scope.parameters)) {
        if (found.size > COPIES_MAX || one.of === 'unknown') isAnything = true
        else if (one.of === 'own') {
          for (const object of symbols ? own : namedLike(one, own)) putField(object, one, isValue)
        } else if (one.names === undefined) put(collectionOf(one, scope.object), true)
        else putField(namedBy(one, one.names, scope.object), one, isValue)
      }
      for (const { object, field } of isExpression(text) ? scopeReadsIn(text, scope.object) : []) {
        put([...object, ...field], true)
      }
    })
  }
  return isAnything ? [{ from: 'unknown', to, defined: true }] : [...found.values()]
}

/** By its name, where that is told; else all. */
function namedLike({ names = [] }: Reference, own: readonly ObjectPath[]): readonly ObjectPath[] {
  const named = own.filter((object) => object.at(-1) === names[0])
  return named.length === 0 ? own : named
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
