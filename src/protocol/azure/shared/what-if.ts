import type { Json, JsonObject } from '../json.ts'
import { fieldOf, fieldsOf, isList, isObject, textOf } from '../json.ts'
import { PREVIEW_LINES_MAX } from '../limits.ts'
import { objectOfId } from '../scope.ts'
import type { ShowValue } from './preview-mask.ts'

const SIGNS: Readonly<Record<string, string>> = {
  create: '+',
  delete: '-',
  modify: '~',
  deploy: '!',
  unsupported: '?',
  nochange: '=',
  noeffect: '=',
  ignore: '*',
  array: '~',
}

/**
 * The changes that a what-if tells, as lines for people; `all` also holds what is too much to show, with
 * values as they are.
 */
export function whatIfLines(
  changes: Json,
  show: ShowValue = asItIs,
): {
  readonly text: string
  readonly all: readonly string[]
} {
  const listed = isList(changes) ? changes : []
  const linesBy = (by: ShowValue) =>
    listed.flatMap((change) => linesOf(change, by)).sort((one, other) => order(one) - order(other))
  const all = linesBy(asItIs)
  const told = linesBy(show).filter((line) => !/^\s*[=*] /.test(line))
  const left = all.length - told.length
  const shown = told.slice(0, PREVIEW_LINES_MAX)
  const more = told.length - shown.length
  const text = [
    ...(told.length === 0 ? ['Nothing would change.'] : shown),
    ...(more > 0 ? [`… and ${more} more lines`] : []),
    ...(left > 0 ? [`${left} resources would stay as they are.`] : []),
  ]
  return { text: text.join('\n'), all }
}

/** Deletions first: nobody may miss them at the end of a long list. */
function order(line: string): number {
  return '-~+!?=*'.indexOf(line[0] ?? '*')
}

const asItIs: ShowValue = (_object, _path, value) => value

function linesOf(change: Json, show: ShowValue): readonly string[] {
  const type = (textOf(change, 'changeType') ?? 'unsupported').toLowerCase()
  const id = textOf(change, 'resourceId') ?? '(a resource without id)'
  const delta = fieldOf(change, 'delta')
  const object = objectOfId(id)
  const shown = (path: string, value: Json) => show(object, namesIn(path), value)
  const details = isList(delta) ? delta.flatMap((one) => propertyLines(one, '', shown)) : []
  // One text for each resource, so that sorting keeps its lines together.
  return [[`${SIGNS[type] ?? '?'} ${id}`, ...details].join('\n')]
}

/** Places in lists are no names. */
function namesIn(path: string): readonly string[] {
  return path.split('.').filter((name) => name !== '' && !/^\d+$/.test(name))
}

function propertyLines(
  change: Json,
  within: string,
  show: (path: string, value: Json) => Json,
): readonly string[] {
  const type = (textOf(change, 'propertyChangeType') ?? 'modify').toLowerCase()
  const path = [within, textOf(change, 'path') ?? ''].filter((part) => part !== '').join('.')
  const children = fieldOf(change, 'children')
  if (isList(children) && children.length > 0) {
    return children.flatMap((one) => propertyLines(one, path, show))
  }
  const sign = SIGNS[type] ?? '~'
  const before = valueText(show(path, fieldOf(change, 'before') ?? null))
  const after = valueText(show(path, fieldOf(change, 'after') ?? null))
  if (type === 'create') return [`    ${sign} ${path}: ${after}`]
  if (type === 'delete') return [`    ${sign} ${path}: ${before}`]
  return [`    ${sign} ${path}: ${before} → ${after}`]
}

function valueText(value: Json): string {
  return short(JSON.stringify(value))
}

/** Names, too, may be as long as a body. */
function short(text: string): string {
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text
}

const VALUE_CHARS_MAX = 200

/** Of a path, its end. */
const PATH_CHARS_MAX = 1_000

/** How a body that is asked for differs from what there is now, both shown by `show`: as much as is read. */
export function changeLines(
  now: Json,
  asked: Json,
  show: (path: readonly string[], value: Json) => Json = (_path, value) => value,
): readonly string[] {
  const lines: string[] = []
  const path: string[] = []

  function compare(is: Json, wanted: Json): void {
    if (lines.length >= PREVIEW_LINES_MAX) return
    if (isObject(wanted) && isObject(is)) {
      const present = fieldsOf(is)
      for (const [name, one] of Object.entries(wanted)) {
        path.push(name)
        compare(present(name) ?? null, one)
        path.pop()
      }
    } else if (JSON.stringify(is) !== JSON.stringify(wanted)) {
      const at = [...path]
      const name = at.map(short).join('.').slice(-PATH_CHARS_MAX)
      const sign = is === null ? '+' : '~'
      lines.push(`${sign} ${name}: ${valueText(show(at, is))} → ${valueText(show(at, wanted))}`)
    }
  }

  compare(now, asked)
  return lines
}

/**
 * Fields that get another value, with the new one alone; `replaces`: what is not named goes. Field names
 * have case here.
 */
export function assignmentLines(
  now: Json,
  asked: JsonObject,
  replaces: boolean,
  show: (path: readonly string[], value: Json) => Json = (_path, value) => value,
): readonly string[] {
  const before = isObject(now) ? now : {}
  const gone = replaces ? Object.keys(before).filter((name) => !isNamed(name, asked)) : []
  const set = Object.entries(asked).flatMap(([name, value]) => {
    const isSame = Object.hasOwn(before, name) && equal(before[name]!, value)
    if (isSame || SYSTEM.test(name)) return []
    return [`${Object.hasOwn(before, name) ? '~' : '+'} ${name}: ${valueText(show([name], value))}`]
  })
  return [...gone.map((name) => `- ${name}`), ...set]
}

/** What tables write themselves, and annotations. */
const SYSTEM = /^(?:PartitionKey|RowKey|Timestamp)$|[.@]/

function isNamed(name: string, asked: JsonObject): boolean {
  return Object.hasOwn(asked, name) || SYSTEM.test(name)
}

function equal(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
