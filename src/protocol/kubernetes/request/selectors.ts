import type { ObjectPath } from '../../../core/object.ts'
import { ALL_NAMES } from '../../../core/object.ts'
import type { RequestHead } from '../../http/head.ts'
import { otherNames } from './other-names.ts'
import { parameter } from './verbs.ts'

/**
 * Fields that the selectors of a request ask about, of all objects of a kind: what comes back tells
 * their values. Each selector has a grammar of its own, and is read by it, or not at all: then in words
 * what is wrong.
 */
export function selectedFields(head: RequestHead, object: ObjectPath): ObjectPath[] | string {
  const [namespace = '', resource = ''] = object
  const fields = fieldsSelected(parameter(head, 'fieldSelector') ?? '')
  const labels = labelsSelected(parameter(head, 'labelSelector') ?? '')
  if (fields === undefined) return 'has a field selector that cannot be read'
  if (labels === undefined) return 'has a label selector that cannot be read'
  const paths = [
    ...fields
      .flatMap((name) => [name, ...(OTHER_FIELDS[name] ?? [])])
      .map((name) => name.split('.')),
    ...labels.map((name) => ['metadata', 'labels', name]),
  ]
  return paths.flatMap((path) => {
    const whole = [namespace, resource, ALL_NAMES, ...path]
    return [whole, ...otherNames(whole)]
  })
}

/** Whether a selector picks some: an empty one is none. */
export function picksByLabel(head: RequestHead): boolean {
  return (labelsSelected(parameter(head, 'labelSelector') ?? '') ?? []).length > 0
}

/** Names of field selectors that are not those of the field, or speak of another one beside it. */
const OTHER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'spec.host': ['spec.nodeName'],
  'status.successful': ['status.succeeded'],
  source: ['source.component', 'reportingComponent'],
}

/**
 * `a=b,c!=d` (k8s.io/apimachinery/pkg/fields): a backslash takes its meaning from the next character,
 * in values and between terms, and nothing else means anything: no parentheses, no blanks.
 */
export function fieldsSelected(selector: string): string[] | undefined {
  const terms = selector.match(/(?:\\[^]|[^\\,])+\\?/g) ?? []
  const names = terms.map((term) => /^(.*?)(?:!=|=)/s.exec(term)?.[1])
  return names.every((name) => name !== undefined) ? names : undefined
}

const TOKENS = /[=!<>]+|[(),]|[^=!<>(), \t\r\n]+/g
const WORD = /^[^=!<>(),]/
const OPERATOR = /^(=|==|!=|<|>)$/

/** `a`, `!a`, `a=b`, `a>1`, `a in (b,c)` (k8s.io/apimachinery/pkg/labels): only sets have parentheses. */
export function labelsSelected(selector: string): string[] | undefined {
  const tokens: readonly string[] = selector.match(TOKENS) ?? []
  const names: string[] = []
  const isWord = (token: string | undefined) => token !== undefined && WORD.test(token)
  let at = 0
  for (;;) {
    if (at === tokens.length) return at === 0 ? names : undefined
    const isAbsent = tokens[at] === '!'
    if (isAbsent) at++
    if (!isWord(tokens[at])) return undefined
    names.push(tokens[at++]!)
    if (!isAbsent) at = afterValues(tokens, at)
    if (at === tokens.length) return names
    if (tokens[at++] !== ',') return undefined
  }

  /** Where the requirement ends, if what follows its name can be read; else where it cannot go on. */
  function afterValues(all: readonly string[], from: number): number {
    const [next, open] = [all[from], all[from + 1]]
    if (next !== undefined && OPERATOR.test(next)) return isWord(open) ? from + 2 : from + 1
    if ((next !== 'in' && next !== 'notin') || open !== '(') return from
    let end = from + 2
    while (isWord(all[end]) || all[end] === ',') end++
    return all[end] === ')' ? end + 1 : from
  }
}
