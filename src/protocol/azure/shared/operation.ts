import { createHash } from 'node:crypto'
import type { Access, Operation } from '../../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'

const READS = /\/read$|^azure\.poll$/

/** The operation that policies judge. `kind` is what people call it; alike ones share it. */
export function operationOf(
  head: RequestHead,
  kind: string,
  accesses: readonly Access[],
  statements: number = 1,
  predicates: Operation['predicates'] = [],
): Operation {
  const names = head.parameters.map(([name]) => name.toLowerCase()).sort()
  const alike = JSON.stringify([head.method, kind, names])
  return {
    kind,
    fingerprint: createHash('sha256').update(alike).digest('hex').slice(0, 32),
    accesses: unique(accesses),
    predicates,
    results: [],
    facts: {
      statements,
      readOnly: accesses.every(({ action }) => READS.test(action)),
      hasWhere: true,
    },
  }
}

function unique(accesses: readonly Access[]): readonly Access[] {
  const seen = new Map<string, Access>()
  for (const one of accesses) seen.set(JSON.stringify([one.action, one.object, one.grant]), one)
  return [...seen.values()]
}

/** By OData's older names and, as 4.01 lets them be written, without the dollar. */
const CONDITION = /^\$?(filter|orderby|search|apply|compute|having)$/i
const IDENTIFIER = /[A-Za-z_@][A-Za-z0-9_@.]*(?:\/[A-Za-z_][A-Za-z0-9_.]*)*/g

/**
 * Fields that a query's conditions read: a masked one would tell its value by what comes back. Every
 * word outside of quotation marks counts, since a word too many only makes a rule that forbids it
 * stricter.
 */
export function predicatesOf(
  { parameters }: RequestHead,
  object: readonly string[],
): readonly (readonly string[])[] {
  return parameters
    .filter(([name]) => CONDITION.test(name))
    .flatMap(([name, value]) => {
      const text = /search$/i.test(name) ? value : withoutQuoted(value)
      return wordsIn(text).map((words) => [...object, ...words])
    })
}

/** The same of conditions inside of `$expand`, on each of the relations that it reads. */
export function predicatesOfExpand(
  text: string,
  objects: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  if (!/filter|orderby|search|apply|compute|having/i.test(text)) return []
  const words = wordsIn(withoutQuoted(text))
  return objects.flatMap((object) => words.map((one) => [...object, ...one]))
}

function withoutQuoted(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'/g, ' ')
}

function wordsIn(text: string): readonly (readonly string[])[] {
  const words = new Set([...text.matchAll(IDENTIFIER)].map(([word]) => word))
  return [...words].map((word) => word.split('/'))
}
