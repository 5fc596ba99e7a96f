import { formatObject } from '../../../src/core/object.ts'
import type { Access, Operation, Outputs } from '../../../src/core/operation.ts'
import type { Classification, Statement } from '../../../src/sql/classification.ts'

/** A classification as a few short lines, for tables of cases. The database's name is left out. */
export interface Description {
  readonly refused?: string
  readonly kind?: string
  /** `select public.t(a,b); execute° f`: `°` marks what is implied, `*` all parts. */
  readonly accesses?: string
  readonly reads?: string
  /** One for each statement: `name=column ~derived`, `?` for unknown. */
  readonly outputs?: string
  /** `>>`: by a definition. */
  readonly copies?: string
  readonly effects?: string
}

export function describe(result: Classification): Description {
  if (result.type === 'refused') return { refused: result.denial.code }
  if (result.type === 'lookup') return { refused: 'lookup' }
  const { operation, statements } = result
  const copies = (operation.copies ?? []).map(
    ({ from, to, defined }) =>
      `${from === 'unknown' ? '?' : short(from)}${defined ? '>>' : '>'}${short(to)}`,
  )
  return {
    kind: operation.kind,
    accesses: operation.accesses.map(access).join('; '),
    ...optional('reads', operation.predicates.map(short).join(' ')),
    outputs: operation.results.map(outputs).join(' | '),
    ...optional('copies', copies.join(' ')),
    ...optional(
      'effects',
      statements
        .map(effects)
        .join(' | ')
        .replace(/^[ |]+$/, ''),
    ),
  }
}

/** `readOnly hasWhere`, as far as they are not the usual. */
export function factsOf({ facts }: Operation): string {
  return `${facts.readOnly ? 'reads' : 'writes'}${facts.hasWhere ? '' : ' without WHERE'}`
}

function optional<K extends string>(key: K, value: string): { [P in K]?: string } {
  return value === '' ? {} : ({ [key]: value } as { [P in K]?: string })
}

function access({ action, object, parts, grant }: Access): string {
  const columns = parts === 'all' ? '(*)' : parts === undefined ? '' : `(${parts.join(',')})`
  const mark = grant === 'implied' ? '°' : ''
  return `${action.replace('sql.', '')}${mark} ${short(object)}${columns}`.trim()
}

function short(path: readonly string[]): string {
  return formatObject(path.slice(1))
}

function outputs(result: Outputs): string {
  if (typeof result === 'string') return result
  return result
    .map(({ name, sources }) =>
      sources === 'unknown'
        ? `${name}=?`
        : `${name}=${sources.map((s) => (s.exact ? '' : '~') + short(s.column)).join(' ')}`,
    )
    .join(', ')
}

function effects({ effects }: Statement): string {
  return effects
    .map((effect) => {
      if (effect.type === 'catalog') return `catalog:${effect.reach}`
      if (effect.type === 'prepare') return `prepare:${effect.name}:${effect.text}`
      if (effect.type === 'declare') return `declare:${effect.cursor}`
      if (effect.type === 'close') return `close:${effect.cursor ?? 'all'}`
      return effect.type === 'deallocate' ? `deallocate:${effect.name ?? 'all'}` : effect.type
    })
    .join(' ')
}
