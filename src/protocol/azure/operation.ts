import { createHash } from 'node:crypto'
import type { Access, Operation } from '../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'

const READS = /\/read$|^azure\.poll$/

/** The operation that policies judge. `kind` is what people call it; alike ones share it. */
export function operationOf(
  head: RequestHead,
  kind: string,
  accesses: readonly Access[],
  statements: number = 1,
): Operation {
  const names = head.parameters.map(([name]) => name.toLowerCase()).sort()
  const alike = JSON.stringify([head.method, kind, names])
  return {
    kind,
    fingerprint: createHash('sha256').update(alike).digest('hex').slice(0, 32),
    accesses: unique(accesses),
    predicates: [],
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

const CONDITIONS: ReadonlySet<string> = new Set(['$filter', '$orderby', '$search'])
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
    .filter(([name]) => CONDITIONS.has(name.toLowerCase()))
    .flatMap(([name, value]) => {
      const text =
        name.toLowerCase() === '$search' ? value : value.replaceAll(/'(?:[^']|'')*'/g, ' ')
      return [...text.matchAll(IDENTIFIER)].map(([word]) => [...object, ...word.split('/')])
    })
}
